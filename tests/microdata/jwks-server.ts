import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

interface SigningKey {
  readonly id: string;
  readonly sign: CryptoKey;
  readonly jwk: JWK;
}

/** Who signs people in on the old platform: keys over loopback, and tokens that they have signed. */
export class JwksServer {
  asked = 0;
  /** Answers 500 while it is true. */
  broken = false;
  readonly #server: Server;
  #keys: SigningKey[] = [];
  #made = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(): Promise<JwksServer> {
    const server = createServer((_request, response) => {
      jwks.asked += 1;
      response.writeHead(jwks.broken ? 500 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ keys: jwks.#keys.map(({ jwk }) => jwk) }));
    });
    const jwks = new JwksServer(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    await jwks.rotate();
    return jwks;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/jwks`;
  }

  /** Signs with a new key from now on, and withdraws the old one. */
  async rotate(): Promise<void> {
    const id = `key-${(this.#made += 1)}`;
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
    const rs512 = await crypto.subtle.importKey(
      'jwk',
      { ...(await exportJWK(privateKey)), alg: 'RS512' } as JsonWebKey,
      { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-512' },
      true,
      ['sign'],
    );
    this.#keys = [{ id, sign: privateKey, jwk: { ...(await exportJWK(publicKey)), kid: id } }];
    this.#rs512 = rs512;
  }

  #rs512: CryptoKey | undefined;

  /** A token of these claims; `exp` and the like are claims like others. */
  async token(
    claims: JWTPayload,
    alg: 'RS256' | 'RS512' = 'RS256',
    kid = this.#keys[0]?.id,
  ): Promise<string> {
    const key = (alg === 'RS256' ? this.#keys[0]?.sign : this.#rs512) as CryptoKey;
    return await new SignJWT(claims).setProtectedHeader({ alg, ...(kid !== undefined && { kid }) }).sign(key);
  }

  /** The public key as the JWKS has it. */
  get publicKey(): JWK {
    return this.#keys[0]?.jwk as JWK;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const now = () => Math.floor(Date.now() / 1_000);

export const authorization = (more: JWTPayload = {}): JWTPayload => ({
  aud: 'datastore',
  sub: 'somebody',
  exp: now() + 300,
  'accreditation/role': 'role/dataadministrator',
  'user/uuid': '123-123-123',
  ...more,
});

export const userInfo = (more: JWTPayload = {}): JWTPayload => ({
  aud: 'datastore',
  exp: now() + 300,
  'user/uuid': '123-123-123',
  'user/firstName': 'Data',
  'user/lastName': 'Admin',
  ...more,
});
