import type { Configuration, JobSummary, Language, Permission, Role } from '@daybook/core';

/** What the API answers besides the schemas of core. */

export interface List<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
  readonly total?: number;
  /** False if `total` stands for "at least". */
  readonly totalIsExact?: boolean;
}

export type JobPage = List<JobSummary>;

export interface Session {
  readonly kind: 'user' | 'key';
  readonly id: number;
  readonly name: string;
  readonly displayName: string;
  readonly role: Role;
  readonly projects: readonly string[];
  readonly permissions: readonly Permission[];
  readonly language: Language | null;
  readonly hasPassword: boolean;
  /** Where the stream stood: opened `after` it, it tells all that was loaded since may lack. */
  readonly position: string;
  readonly server: {
    readonly version: string;
    readonly engine: 'sqlite' | 'postgres';
    readonly demo: boolean;
    /** Where feedback goes: a page, or `mailto:`. */
    readonly feedback: string | null;
  };
}

export interface FacetCount {
  readonly value: string;
  readonly count: number;
}

export const facetNames = [
  'status',
  'analysisStatus',
  'assessment',
  'kind',
  'project',
  'user',
  'solver',
  'tag',
] as const;
export type FacetName = (typeof facetNames)[number];
/** How many jobs were counted, and whether these are all: of a long list the newest are counted first. */
interface Counted {
  readonly total: number;
  readonly exact: boolean;
  readonly asOf: string;
}
export type WireFacets = Counted &
  Readonly<Record<FacetName, readonly { readonly value: string | null; readonly count: number }[]>>;
export type Facets = Counted & Readonly<Record<FacetName, readonly FacetCount[]>>;

export interface ApiKey {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
  readonly prefix: string;
  readonly provider: string | null;
  readonly projects: readonly string[];
  readonly note: string | null;
  readonly createdAt: string;
  readonly createdBy: string | null;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
}

export interface User {
  readonly id: number;
  readonly name: string;
  readonly displayName: string;
  readonly role: Role;
  readonly projects: readonly string[];
  readonly disabled: boolean;
}

export type StoredConfiguration = Configuration & {
  readonly id: number;
  readonly createdAt: string;
  readonly createdBy: string | null;
  /** Whose it is; null is everybody's. */
  readonly provider: string | null;
  readonly pausable?: boolean;
};
