/** How far people are with a job's results. */
export const analysisStatuses = ['open', 'ongoing', 'done'] as const;
export type AnalysisStatus = (typeof analysisStatuses)[number];

/** What came of it, as people judged it. */
export const assessments = ['ok', 'not_ok', 'other', 'issue', 'obsolete'] as const;
export type Assessment = (typeof assessments)[number];
