import { type Asking, ask, isSuccess, type QuestionBody, reasonIn, ServiceAwayError } from './asking.ts';
import { BundleFault } from './bundle-fault.ts';
import type { BundleMetadata } from './metadata.ts';
import { type ProjectSchemas, SchemaError } from './project-schemas.ts';

/** The old policy service, if there is one. */
export interface PolicyService {
  readonly url: string;
  /** Header that names the user to it. */
  readonly userHeader: string;
  readonly asking: Asking;
}

/** What is asked of a bundle, and who. */
export interface PolicyQuestion {
  readonly metadata: BundleMetadata;
  /** The whole document as JSON, for the service; made anew for each try. */
  document(): QuestionBody;
  readonly user: string;
}

/**
 * Whether a bundle may come in: what can be told here, what the schema of its project asks, and what the policy service
 * says, in this order. Fails closed: whoever cannot be asked has not agreed.
 */
export class Policy {
  readonly #schemas: ProjectSchemas;
  readonly #service: PolicyService | undefined;

  constructor(schemas: ProjectSchemas, service: PolicyService | undefined) {
    this.#schemas = schemas;
    this.#service = service;
  }

  /**
   * Throws {@link BundleFault} in `Policy Validation`; of the rule `policy_away` when the service did not answer. `now` asks
   * it once, where nobody should wait.
   */
  async check(
    { metadata, document, user }: PolicyQuestion,
    signal: AbortSignal,
    when: 'now' | 'patiently' = 'patiently',
  ): Promise<void> {
    const project = this.#facts(metadata);
    await this.#schema(project, metadata);
    if (this.#service === undefined) return;
    const waits = when === 'now' ? [] : this.#service.asking.waits;
    const asking = { ...this.#service.asking, waits };
    await askService({ ...this.#service, asking }, document, user, signal);
  }

  #facts(metadata: BundleMetadata): string {
    const { submitter, project, instrument, faults } = metadata;
    for (const [name, value] of Object.entries({ submitter, project, instrument }))
      if (value === undefined)
        throw refused(`${name}-missing`, `metadata.txt names no ${name} (Transactions.${name}).`);
    const fault = faults.find(({ task }) => task === 'Policy Validation');
    if (fault !== undefined) throw fault;
    return project as string;
  }

  async #schema(project: string, metadata: BundleMetadata): Promise<void> {
    let faults: string[];
    try {
      faults = await this.#schemas.faultsOf(project, metadata);
    } catch (error) {
      if (!(error instanceof SchemaError)) throw error;
      throw refused(
        'schema-broken',
        `${error.message} Nothing can be taken in for it until it is mended.`,
        error,
      );
    }
    if (faults.length > 0)
      throw refused('schema-refuses', `Project ${project} asks otherwise: ${faults.slice(0, 5).join(' ')}`);
  }
}

async function askService(
  { url, userHeader, asking }: PolicyService,
  document: PolicyQuestion['document'],
  user: string,
  signal: AbortSignal,
): Promise<void> {
  const headers = { 'content-type': 'application/json', [userHeader]: user };
  try {
    const answer = await ask(url, { method: 'POST', headers, body: document }, asking, signal);
    if (!isSuccess(answer)) throw refused('policy-refuses', `The policy refuses it: ${reasonIn(answer)}`);
  } catch (error) {
    if (!(error instanceof ServiceAwayError)) throw error;
    throw refused(
      'policy-away',
      `The policy service ${error.message}, so it did not agree. Retry the job.`,
      error,
    );
  }
}

function refused(rule: string, message: string, cause?: unknown): BundleFault {
  return new BundleFault('Policy Validation', rule, message, { cause });
}
