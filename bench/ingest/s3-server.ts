import { startS3 } from '../../packages/server/src/archive/testing/s3-server.ts';

/** The S3 server that the tests use, in a process of its own, with its objects in TMPDIR. */
const s3 = await startS3();
process.once('SIGTERM', () => void s3.close().then(() => process.exit(0)));
console.log(new URL(s3.endpoint).port);
