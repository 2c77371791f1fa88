import type { errors as english } from '../en/errors.ts';
import type { Translation } from '../message.ts';

export const errors: Translation<typeof english> = {
  'error.malformed_json': 'Die Anfrage war nicht lesbar. Es wurde nichts geändert.',
  'error.invalid_request':
    'Einige Angaben passen nicht. Es wurde nichts geändert; bitte korrigieren und erneut versuchen.',
  'error.invalid_cursor': 'Diese Seite der Liste gibt es nicht mehr. Bitte von vorn beginnen.',
  'error.unauthenticated':
    'Sie sind nicht angemeldet. Melden Sie sich an; was Sie geschrieben haben, bleibt erhalten.',
  'error.invalid_credentials': 'Dieser Name und dieses Passwort gehören nicht zusammen.',
  'error.key_expired':
    'Dieser API-Schlüssel ist abgelaufen. Unter „API-Schlüssel“ können Sie einen neuen anlegen.',
  'error.key_revoked':
    'Dieser API-Schlüssel wurde widerrufen. Unter „API-Schlüssel“ können Sie einen neuen anlegen.',
  'error.forbidden': 'Ihre Rolle erlaubt das nicht. Wenn Sie es brauchen, fragen Sie einen Administrator.',
  'error.origin_refused':
    'Die Anfrage kam von einer fremden Seite und wurde abgelehnt. Öffnen Sie Daybook unter seiner eigenen Adresse.',
  'error.not_found': 'Hier ist nichts, oder nichts, was Sie sehen dürfen.',
  'error.method_not_allowed': 'Diese Adresse kann das nicht.',
  'error.request_timeout':
    'Die Anfrage kam nicht rechtzeitig an. Es wurde nichts geändert; bitte erneut versuchen.',
  'error.conflict': 'Das widerspricht dem, was gespeichert ist. Es wurde nichts geändert.',
  'error.version_conflict':
    'Jemand anderes hat das inzwischen geändert. Ihr Text ist erhalten; vergleichen und entscheiden Sie.',
  'error.illegal_transition': 'Diesen Status kann der Job jetzt nicht annehmen. Es wurde nichts geändert.',
  'error.already_exists': 'Das gibt es schon, mit anderem Inhalt. Es wurde nichts geändert.',
  'error.target_busy': 'Ein anderer aktiver Job belegt dieses Ziel. Bitte warten, bis er zu Ende ist.',
  'error.request_in_progress': 'Dieselbe Anfrage wird noch bearbeitet.',
  'error.lease_lost': 'Dieser Versuch hält den Job nicht mehr; vielleicht hat ihn schon ein anderer Worker.',
  'error.tus_version': 'Der Upload kam auf eine Weise, die Daybook nicht kennt. Es wurde nichts geändert.',
  'error.payload_too_large': 'Das ist zu groß. Es wurde nichts geändert.',
  'error.range_not_satisfiable': 'So viele Bytes hat die Datei nicht.',
  'error.unsupported_media_type': 'Die Anfrage muss als JSON gesendet werden.',
  'error.host_unknown':
    'Unter diesem Rechnernamen antwortet Daybook nicht. Nutzen Sie seine eigene Adresse oder bitten Sie einen Administrator, diese einzutragen.',
  'error.idempotency_key_reused': 'Dieser Idempotency-Key gehört schon zu einer anderen Anfrage.',
  'error.bundle_refused':
    'Das Bündel kann nicht aufgenommen werden. Es wurde nichts davon behalten; bitte korrigieren und erneut senden.',
  'error.upload_locked':
    'Der Upload läuft über eine andere Verbindung weiter. Bitte gleich noch einmal versuchen.',
  'error.version_required': 'Die Anfrage muss sagen, welche Version sie ändert.',
  'error.rate_limited': 'Zu viele Anfragen. Bitte einen Moment warten und erneut versuchen.',
  'error.headers_too_large':
    'Die Kopfzeilen der Anfrage sind zu groß. Löschen Sie die Cookies dieser Seite und versuchen Sie es erneut.',
  'error.checksum_differs':
    'Die Daten wurden unterwegs verändert. Was vorher kam, bleibt erhalten; bitte erneut senden.',
  'error.internal':
    'Bei uns ist etwas schiefgegangen. Verloren ist nichts; bitte erneut versuchen und einem Administrator Bescheid geben, wenn es so bleibt.',
  'error.unavailable': 'Daybook kann gerade nicht antworten. Es wird von selbst erneut versucht.',
  'error.query_timeout': 'Die Suche dauerte zu lange und wurde angehalten. Bitte enger fassen.',

  'error.unknown': 'Etwas Unerwartetes ist geschehen ({code}).',
  'error.network': 'Daybook ist nicht erreichbar. Was Sie geschrieben haben, bleibt erhalten.',
  'error.page': 'Diese Seite ließ sich nicht anzeigen. Ihre Daten sind sicher.',
  'error.requestId': 'Anfrage {id}',
  'error.problems': { one: '{count} Problem', other: '{count} Probleme' },
  'error.tryAgain': 'Erneut versuchen',
  'error.reload': 'Seite neu laden',
  'error.details': 'Einzelheiten',

  // What is wrong with one field: the API says it behind the path of the field.
  'fault.missing': 'fehlt',
  'fault.unknown': 'ist nicht bekannt',
  'fault.form': 'hat die falsche Form',
  'fault.text': 'muss ein Text sein',
  'fault.number': 'muss eine Zahl sein',
  'fault.wholeNumber': 'muss eine ganze Zahl sein',
  'fault.boolean': 'muss wahr oder falsch sein',
  'fault.list': 'muss eine Liste sein',
  'fault.object': 'muss ein Objekt sein',
  'fault.choice': 'ist nicht bekannt: möglich sind {values}',
  'fault.empty': 'darf nicht leer sein',
  'fault.shortText': {
    one: 'ist zu kurz: mindestens {count} Zeichen',
    other: 'ist zu kurz: mindestens {count} Zeichen',
  },
  'fault.longText': {
    one: 'ist zu lang: höchstens {count} Zeichen',
    other: 'ist zu lang: höchstens {count} Zeichen',
  },
  'fault.shortList': {
    one: 'ist zu kurz: mindestens {count} Eintrag',
    other: 'ist zu kurz: mindestens {count} Einträge',
  },
  'fault.longList': {
    one: 'ist zu lang: höchstens {count} Eintrag',
    other: 'ist zu lang: höchstens {count} Einträge',
  },
  'fault.atLeast': 'muss mindestens {count} sein',
  'fault.atMost': 'darf höchstens {count} sein',
  'fault.moreThan': 'muss größer als {count} sein',
};
