import type { diary as english } from '../en/diary.ts';
import type { Translation } from '../message.ts';

export const diary: Translation<typeof english> = {
  'shell.demo': 'Vorführung: Diese Jobs sind erfunden, einige laufen gerade. Hier kann nichts kaputtgehen.',
  'shell.personMenu': 'Menü von {name}',
  'shell.open.nothing': 'Nichts beginnt so',
  'shell.goHelp': 'zur Hilfe',
  'shell.goConfigurations': 'zu den Konfigurationen',
  'shell.goApi': 'zur API-Referenz',

  'signIn.link.where':
    'Noch kein Passwort? Beim ersten Start gibt Daybook einen einmaligen Anmeldelink aus; weitere stellt ein Admin aus.',
  'signIn.welcome': 'Willkommen, {name}',
  'signIn.setPassword': 'Passwort setzen',
  'signIn.setPassword.explain':
    'Sie sind angemeldet. Der Link gilt nur einmal; mit einem Passwort kommen Sie auch das nächste Mal herein.',
  'signIn.setPassword.later': 'Später',

  'greeting.drafts': {
    one: 'Noch nicht gespeichert: Ihre Änderungen an Job',
    other: 'Noch nicht gespeichert: Ihre Änderungen an den Jobs',
  },
  'greeting.waitingAll': {
    one: '{count} Job ist zu Ende und wartet auf ein Urteil',
    other: '{count} Jobs sind zu Ende und warten auf ein Urteil',
  },
  'list.count': { '=0': 'keine Jobs', one: '{total} Job', other: '{total} Jobs' },
  'list.showMore': { one: '{count} weiterer', other: '{count} weitere' },
  'list.sort.ended': 'zuletzt beendete zuerst',
  'list.noMatch.explain': 'Auf nichts treffen alle diese Filter zugleich zu.',
  'list.leftOut': 'Von den Filtern weggelassen, weil es den Wert nicht gibt: {values}',
  'list.empty.first': 'Der erste Job ist da: anzeigen',
  'list.empty.askForKey': 'Ein Admin stellt ihn aus.',

  'job.list': 'Liste',
  'job.tab.terminal': 'Im Terminal',
  'job.waits': 'wartet seit {duration}',
  'job.runs': 'läuft seit {duration}',
  'job.raw.label': 'Job {id}, wie die API ihn ausgibt',
  'job.terminal.explain':
    'Derselbe Job aus einer Shell oder einem Skript. Adresse und Schlüssel kommen aus der Umgebung.',
  'job.terminal.settings': 'Einmal je Shell',
  'job.terminal.command': 'Der Befehl daybook',
  'job.terminal.read': 'Den Job lesen',
  'job.terminal.log': 'Sein Log als reiner Text',
  'job.terminal.follow': 'Live mitlesen',
  'job.terminal.report': 'Fortschritt melden',

  'timeline.progress': '{percent} %',
  'timeline.stepPercent': 'Schritt {step}: {percent} %',
  'timeline.retry': 'neu eingereiht als Versuch {attempt}',
  'timeline.correction': 'berichtigt zu {status}',
  'timeline.metadata': 'Metadaten: {names}',
  'timeline.file': 'Datei',
  'timeline.link': 'Link',
  'timeline.annotation': 'kommentiert',
  'timeline.annotated': 'geändert: {fields}',
  'unapplied.illegal_transition': 'notiert, aber der Job konnte diesen Status gerade nicht annehmen',
  'unapplied.unknown_step': 'notiert; die Konfiguration kennt diesen Schritt nicht',
  'unapplied.step_is_over': 'verspätet notiert; der Schritt war vorbei',
  'unapplied.job_is_over': 'verspätet notiert; der Job war vorbei',
  'unapplied.too_many_steps': 'notiert; der Job hat schon zu viele Schritte',
  'unapplied.metadata_too_large': 'notiert, nicht übernommen: die Metadaten würden zu groß',

  'keys.begins': 'Beginnt mit',
  'keys.isRevoked': 'widerrufen',
  'keys.isExpired': 'abgelaufen',

  'users.explain':
    'Wer sich hier anmeldet. Betrachter und Bearbeiter sehen die Projekte, die ihnen freigegeben sind. Neue Benutzer bekommen von Ihnen einen einmaligen Anmeldelink.',
  'users.add': 'Benutzer hinzufügen',
  'users.name.hint': 'Kurz und klein geschrieben, am besten wie auf dem Cluster',
  'users.projects': 'Projekte',
  'users.projects.hint': 'Namen, durch Leerzeichen getrennt; * gibt alle frei',
  'users.allProjects': 'alle',
  'users.disabled': 'gesperrt',
  'users.disable': 'Sperren',
  'users.enable': 'Entsperren',
  'users.link': 'Anmeldelink ausstellen',
  'users.link.title': 'Anmeldelink für {name}',
  'users.link.explain':
    'Geben Sie ihn vertraulich weiter: Er gilt einmal, für den, der ihn zuerst öffnet, und wird nicht wieder gezeigt.',

  'about.engine': 'Datenbank',

  'help.transitions': 'Wie sich ein Status ändern darf',
  'help.transitions.explain':
    'Wer auch meldet, es entscheidet dieselbe Tabelle. Was nicht zu ihr passt, steht im Verlauf und ändert nichts.',
  'help.transitions.alt':
    'Diagramm der Status eines Jobs und der Wege zwischen ihnen; die Tabelle darunter sagt dasselbe in Worten',
  'help.transitions.table': 'Die ganze Tabelle',
  'help.transitions.from': 'von',
  'cause.report': 'wer den Job ausführt, meldet es',
  'cause.source': 'nur eine Quelle, die ihn beobachtet',
  'cause.retry': 'jemand verlangt einen neuen Versuch',
  'cause.correction': 'ein Mensch sagt, wie er wirklich endete',
  'cause.claim': 'die Warteschlange gibt ihn einem Worker',
  'cause.requeue': 'die Warteschlange nimmt ihn vom Worker zurück',
  'cause.report.short': 'Meldung',
  'cause.source.short': 'Quelle',
  'cause.retry.short': 'Wiederholung',
  'cause.correction.short': 'Berichtigung',
  'cause.claim.short': 'Ausgabe',
  'cause.requeue.short': 'Rücknahme',
  'cause.any': 'alle',
  'help.keys': 'Tasten',
  'help.keys.everywhere': 'Überall',
  'help.keys.job': 'Seite eines Jobs',
  'help.filters': 'Die Zahlen neben der Liste',
  'help.filters.explain':
    'Ein Klick auf einen Wert grenzt die Liste darauf ein, mit Umschalt kommt er zu den gewählten hinzu. Die Adresse der Seite enthält alles: Kopieren Sie sie, und Ihr Gegenüber sieht dieselbe Liste.',
  'help.errors.explain':
    'Jeder Fehler der API hat einen festen Code. Ihre Antwort führt zu der Zeile hier, die ihn erklärt.',

  'api.explain': 'Was das Tagebuch kann, kann auch ein Skript. Dieselbe Beschreibung für Programme:',
  'api.operations': 'Operationen',
  'api.find': 'Operation suchen',
  'api.schemas': 'Schemas',
  'api.body': 'Rumpf',
  'api.required': 'Pflicht',
};
