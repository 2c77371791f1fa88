/** The steps of an ingest and of a move, as clients of the replaced system know them (contracts/pacifica.md). */
export type IngestTask =
  | 'UPLOADING'
  | 'open tar'
  | 'load metadata'
  | 'Policy Validation'
  | 'ingest files'
  | 'ingest metadata'
  | 'move files';

/** The bundle itself is at fault: sending or trying it again changes nothing. `message` says in plain words what and where. */
export class BundleFault extends Error {
  override readonly name = 'BundleFault';
  readonly task: IngestTask;
  /** Stable; `docs/ingest.md` lists those of the tar. */
  readonly rule: string;

  constructor(task: IngestTask, rule: string, message: string) {
    super(message);
    this.task = task;
    this.rule = rule;
  }
}
