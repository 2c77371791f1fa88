import { DaybookError } from '@daybook/core';
import {
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import type { Clock } from '../clock.ts';
import { RateLimiter } from '../http/rate-limit.ts';

/** Keys are asked for again after so long, milliseconds: one that was withdrawn is believed no longer. */
const FRESH = 10 * 60_000;
/** And believed so long at most when nobody answers, milliseconds. */
const BELIEVED = 60 * 60_000;
/** How long the answer may take, milliseconds, and how large it may be, bytes. */
const PATIENCE = 5_000;
const LARGEST = 256 * 1_024;
/** Clocks differ by this much, seconds. */
const SKEW = 60;
/** Tokens name unknown keys after a rotation, and whenever somebody makes one up: so often they are asked for. */
const ROTATIONS = { perSecond: 0.1, burst: 5 };

interface Known {
  readonly key: JWTVerifyGetKey;
  readonly askedAt: number;
}

/** What a token must be, besides signed and of its time. */
export interface TokenRules {
  readonly algorithms: string[];
  /** Checked where the token names one; `required` lists it where it has to. */
  readonly audience: string;
  readonly required: readonly string[];
}

/**
 * The public keys at a JWKS address (RFC 7517), and the tokens that they have signed. Keys are kept and asked for again when
 * they are old, or when a token names one that is not among them: that is how they are rotated.
 */
export class RemoteKeys {
  readonly #url: string;
  readonly #clock: Clock;
  readonly #rotations: RateLimiter<'keys'>;
  #known: Known | undefined;
  #asking: Promise<Known> | undefined;

  constructor(url: string, clock: Clock) {
    this.#url = url;
    this.#clock = clock;
    this.#rotations = new RateLimiter(clock, ROTATIONS);
  }

  /**
   * The claims of a token.
   *
   * @throws DaybookError `unauthenticated` when it is not good, `unavailable` when there are no keys to check it with
   */
  async verify(token: string, { algorithms, audience, required }: TokenRules): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, (header, flat) => this.#keyOf(header, flat), {
        algorithms,
        requiredClaims: [...required],
        clockTolerance: SKEW,
        currentDate: new Date(this.#clock.now()),
      });
      if (payload.aud !== undefined && ![payload.aud].flat().includes(audience))
        throw new DaybookError('unauthenticated', 'A token is meant for somebody else.');
      return payload;
    } catch (error) {
      if (error instanceof DaybookError) throw error;
      throw new DaybookError('unauthenticated', `A token is not good: ${whyNot(error)}.`, { cause: error });
    }
  }

  readonly #keyOf: JWTVerifyGetKey = async (header, token) => {
    const known = await this.#freshKeys();
    try {
      return await known.key(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || this.#rotations.take('keys') > 0) throw error;
      return (await this.#ask()).key(header, token);
    }
  };

  async #freshKeys(): Promise<Known> {
    const known = this.#known;
    const age = known === undefined ? Number.POSITIVE_INFINITY : this.#clock.now() - known.askedAt;
    if (known !== undefined && age >= 0 && age < FRESH) return known;
    try {
      return await this.#ask();
    } catch (error) {
      // Whoever has the keys is away: better the ones of just now than to let nobody in.
      if (known !== undefined && age < BELIEVED) return known;
      throw error;
    }
  }

  /** Whoever comes while it is asked waits for the same answer. */
  #ask(): Promise<Known> {
    this.#asking ??= this.#fetch().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #fetch(): Promise<Known> {
    const askedAt = this.#clock.now();
    try {
      const answer = await fetch(this.#url, {
        headers: { accept: 'application/json' },
        redirect: 'error',
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const text = await answer.text();
      if (text.length > LARGEST) throw new Error('it is too large');
      this.#known = { key: createLocalJWKSet(JSON.parse(text) as JSONWebKeySet), askedAt };
      return this.#known;
    } catch (cause) {
      const detail = 'The keys that sign the cookies cannot be fetched. Nothing was stored; try again.';
      throw new DaybookError('unavailable', detail, { cause });
    }
  }
}

function whyNot(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'it has expired';
  if (error instanceof errors.JWTClaimValidationFailed) return `its claim ${error.claim} does not fit`;
  if (error instanceof errors.JWKSNoMatchingKey) return 'its key is not known';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'its signature is wrong';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'its algorithm is not allowed';
  return 'it cannot be read';
}
