import { createRequire } from 'node:module';

/*
 * A real S3 server as a process of its own, which can be killed. Arguments: where it keeps its objects, and its port (0: any).
 * Tells its parent the port.
 */
const Rver = createRequire(import.meta.url)('@20minutes/s3rver') as new (
  options: object,
) => { run(): Promise<{ port: number }> };
const [directory = '', port = '0'] = process.argv.slice(2);
const server = new Rver({
  address: '127.0.0.1',
  port: Number(port),
  silent: true,
  allowMismatchedSignatures: true,
  directory,
  configureBuckets: [{ name: 'archive' }],
});
process.send?.((await server.run()).port);
