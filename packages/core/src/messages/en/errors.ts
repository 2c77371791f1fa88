import type { Message } from '../message.ts';

/** What people read when something went wrong: what happened, what was kept, what to do next. `error.` + code. */
export const errors = {
  'error.malformed_json': 'The request was not readable. Nothing was changed.',
  'error.invalid_request': 'Some values do not fit. Nothing was changed; correct them and try again.',
  'error.invalid_cursor': 'This page of the list no longer exists. Start again from the top.',
  'error.unauthenticated': 'You are not signed in. Sign in to go on; what you have typed is kept.',
  'error.invalid_credentials': 'This name and password do not belong together.',
  'error.key_expired': 'This API key has expired. Make a new one under API keys.',
  'error.key_revoked': 'This API key was revoked. Make a new one under API keys.',
  'error.forbidden': 'Your role does not allow this. Ask an admin if you need it.',
  'error.origin_refused':
    'The request came from another site and was refused. Open Daybook under its own address.',
  'error.not_found': 'There is nothing here, or nothing that you may see.',
  'error.method_not_allowed': 'This address cannot do that.',
  'error.request_timeout': 'The request took too long to arrive. Nothing was changed; try again.',
  'error.conflict': 'This contradicts what is stored. Nothing was changed.',
  'error.version_conflict': 'Somebody else changed this meanwhile. Your text is kept; compare and decide.',
  'error.illegal_transition': 'The job cannot take this status now. Nothing was changed.',
  'error.already_exists': 'It exists already, with other content. Nothing was changed.',
  'error.target_busy': 'Another active job holds this target. Wait until it has ended.',
  'error.request_in_progress': 'The same request is still being worked on.',
  'error.lease_lost': 'This attempt no longer holds the job; another worker may have it.',
  'error.tus_version': 'The upload was sent in a way that Daybook does not know. Nothing was changed.',
  'error.payload_too_large': 'This is too large. Nothing was changed.',
  'error.range_not_satisfiable': 'The file does not have these bytes.',
  'error.unsupported_media_type': 'The request must be sent as JSON.',
  'error.host_unknown':
    'Daybook is not served under this host name. Use its own address, or ask an admin to list this one.',
  'error.idempotency_key_reused': 'This Idempotency-Key was used for another request before.',
  'error.bundle_refused': 'The bundle cannot be taken in. Nothing of it was kept; mend it and send it again.',
  'error.upload_locked': 'The upload goes on over another connection. Try again in a moment.',
  'error.version_required': 'The request must say which version it changes.',
  'error.rate_limited': 'Too many requests. Wait a moment and try again.',
  'error.headers_too_large':
    'The headers of the request are too large. Clear the cookies of this site and try again.',
  'error.checksum_differs': 'The bytes changed on their way. What came before is kept; send them again.',
  'error.internal':
    'Something went wrong on our side. Nothing was lost; try again, and tell an admin if it stays so.',
  'error.unavailable': 'Daybook cannot answer just now. It is tried again by itself.',
  'error.query_timeout': 'The query took too long and was stopped. Narrow it and try again.',

  'error.unknown': 'Something unexpected happened ({code}).',
  'error.network': 'Daybook cannot be reached. What you have typed is kept.',
  'error.page': 'This page could not be shown. Your data is safe.',
  'error.requestId': 'Request {id}',
  'error.problems': { one: '{count} problem', other: '{count} problems' },
  'error.tryAgain': 'Try again',
  'error.reload': 'Reload the page',
  'error.details': 'Details',

  // What is wrong with one field: the API says it behind the path of the field.
  'fault.missing': 'is missing',
  'fault.unknown': 'is not known',
  'fault.form': 'has the wrong form',
  'fault.text': 'must be a text',
  'fault.number': 'must be a number',
  'fault.wholeNumber': 'must be a whole number',
  'fault.boolean': 'must be true or false',
  'fault.list': 'must be a list',
  'fault.object': 'must be an object',
  'fault.choice': 'is not known: use {values}',
  'fault.empty': 'must not be empty',
  'fault.shortText': {
    one: 'is too short: at least {count} character',
    other: 'is too short: at least {count} characters',
  },
  'fault.longText': {
    one: 'is too long: at most {count} character',
    other: 'is too long: at most {count} characters',
  },
  'fault.shortList': {
    one: 'is too short: at least {count} entry',
    other: 'is too short: at least {count} entries',
  },
  'fault.longList': {
    one: 'is too long: at most {count} entry',
    other: 'is too long: at most {count} entries',
  },
  'fault.atLeast': 'must be at least {count}',
  'fault.atMost': 'must be at most {count}',
  'fault.moreThan': 'must be greater than {count}',
} as const satisfies Record<string, Message>;
