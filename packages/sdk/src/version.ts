/** Version of this package, sent with every request: server and client tell each other who they are. */
export const sdkVersion = '0.1.0';
