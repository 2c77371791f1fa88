import fastify from 'fastify';

/** The limit that we are held against: a Fastify route that parses a JSON body and does nothing. */
const server = fastify({ logger: false });
server.post('/empty', async () => ({ ok: true }));
await server.listen({ port: 0, host: '127.0.0.1' });
const address = server.server.address();
process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
