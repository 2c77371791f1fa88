import type { configurations as english } from '../en/configurations.ts';
import type { Translation } from '../message.ts';

export const configurations: Translation<typeof english> = {
  'field.configurationVersion': 'Version',

  'configurations.explain':
    'Eine Konfiguration nennt die Schritte einer Art von Jobs und ihr Gewicht. Daraus ergeben sich Fortschritt und Restzeit.',
  'configurations.empty': 'Noch keine Konfigurationen',
  'configurations.empty.explain':
    'Jobs kommen ohne aus. Mit einer wird der Fortschritt gewichtet, und Daybook lernt, wie lange jeder Schritt dauert:',
  'configurations.tag': 'Kürzel',
  'configurations.share': 'Anteil',
  'configurations.jobs': 'Ihre Jobs',

  'configurations.steps': 'Schritte der Version {version}',
  'configurations.byPoints': 'nach Punkten',
  'configurations.byTime': 'in Wirklichkeit',
  'configurations.median': 'Median',
  'configurations.p90': '9 von 10 unter',
  'configurations.realShare': 'Wirklich',
  'configurations.measuredBy': {
    one: 'Gemessen an {count} geglückten Job.',
    other: 'Gemessen an den letzten {count} geglückten Jobs.',
  },
  'configurations.whole': 'Die Hälfte brauchte weniger als {median}, neun von zehn weniger als {most}.',
  'configurations.notMeasured':
    'Noch ist kein Job damit geglückt: Was die Schritte wirklich brauchen, ist nicht bekannt.',

  'configurations.foretold': 'Wie gut das Ende vorhergesagt wird',
  'configurations.foretold.none':
    'Noch nicht bekannt: Dazu gehören fünf geglückte Jobs, die unterwegs meldeten, wie weit sie sind.',
  'configurations.foretold.at': 'Gesagt bei',
  'configurations.foretold.within': '4 von 5 innerhalb',
  'configurations.foretold.late': 'In der Mitte',
  'configurations.jobCount': 'Jobs',
  'configurations.foretold.later': '{time} später als gesagt',
  'configurations.foretold.sooner': '{time} früher als gesagt',
  'configurations.foretold.exact': 'wie gesagt',

  'configurations.versions': 'Versionen',
  'configurations.lastUsed': 'Zuletzt benutzt',
  'configurations.never': 'nie',
  'configurations.whatChanged': 'Was sich geändert hat',
  'configurations.first': 'die erste Version',
  'configurations.same': 'derselbe Inhalt',
  'configurations.change.added': { one: '{count} Schritt kam hinzu', other: '{count} Schritte kamen hinzu' },
  'configurations.change.removed': { one: '{count} Schritt fiel weg', other: '{count} Schritte fielen weg' },
  'configurations.change.points': {
    one: 'Punkte von {count} Schritt',
    other: 'Punkte von {count} Schritten',
  },
  'configurations.change.renamed': { one: '{count} Schritt umbenannt', other: '{count} Schritte umbenannt' },
  'configurations.change.moved': { one: '{count} Schritt verschoben', other: '{count} Schritte verschoben' },
  'configurations.change.metadata': {
    one: 'Kennzahlen von {count} Schritt',
    other: 'Kennzahlen von {count} Schritten',
  },
  'configurations.step.added': 'neu',
  'configurations.step.removed': 'weggefallen',
  'configurations.step.points': 'Punkte',
  'configurations.step.renamed': 'hieß „{name}“',
  'configurations.step.moved': 'verschoben',
  'configurations.step.metadata': 'Kennzahlen',

  'configurations.sideBySide': 'Nebeneinander',
  'configurations.before': 'Vorher',
  'configurations.after': 'Nachher',

  'configurations.measure': 'Punkte nach wirklicher Dauer setzen',
  'configurations.measure.title': 'Punkte nach wirklicher Dauer',
  'configurations.measure.explain':
    'Legt Version {version} an, in der jeder Schritt so viele Punkte hat, wie er gewöhnlich Sekunden dauert. Vorhandene Jobs behalten ihre Version; neue bekommen diese.',
  'configurations.measure.confirm': 'Version {version} anlegen',
  'configurations.measure.done': 'Version {version} ist angelegt',
  'configurations.measure.same': 'Die Punkte entsprechen der wirklichen Dauer: nichts zu ändern',

  'configurations.new': 'Neue Konfiguration',
  'configurations.make': 'Konfiguration anlegen',
  'configurations.edit': 'Nächste Version von {name}',
  'configurations.edit.explain':
    'Versionen ändern sich nie: Was Sie hier schreiben, wird eine neue. Vorhandene Jobs behalten ihre; neue bekommen diese.',
  'configurations.tag.hint': 'So nennen Skripte sie. Später lässt es sich nicht ändern.',
  'configurations.tagTaken': 'gibt es schon',
  'configurations.versionTaken': 'hat schon einen anderen Inhalt: bitte eine andere wählen',
  'configurations.step.add': 'Schritt hinzufügen',
  'configurations.step.number': 'Schritt {number}',
  'configurations.step.up': 'Nach oben: {step}',
  'configurations.step.down': 'Nach unten: {step}',
  'configurations.step.tagTaken': 'ist schon das Kürzel von Schritt {number}',
  'configurations.compare': 'Vergleichen und speichern',
  'configurations.compare.title': 'Version {version}',
  'configurations.compare.explain': 'Das ändert sich. Vorhandene Jobs behalten ihre Version.',
  'configurations.renamed': 'Sie hieß „{before}“ und wird „{after}“ heißen.',
  'configurations.draftBehind':
    'Diese Änderungen gehen von Version {from} aus. Inzwischen gibt es Version {latest}; verglichen wird mit ihr.',

  'timeLeft.usually': 'meist auf ± {error} genau',
  'timeLeft.usually.hint':
    'Vier von fünf Jobs dieser Konfiguration endeten höchstens so weit neben dem, was bei diesem Stand gesagt war',
  'timeLeft.short': 'noch {left}',
  'timeLeft.short.underMinute': 'noch <1 m',
  'timeLeft.runsAnd': 'läuft seit {duration}; {left}',
  'step.usual': 'meist {median}',
  'step.usual.hint': {
    one: '{count} früherer Job brauchte {median}',
    other:
      'Von {count} früheren Jobs brauchte die Hälfte weniger als {median}, neun von zehn weniger als {most}',
  },
};
