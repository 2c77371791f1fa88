/**
 * A worker in a process of its own: renews the lease that it is sent, every `everyMs`, over HTTP. What waits in the
 * server's socket while the server is held up is what the test is about.
 */
interface Order {
  readonly url: string;
  readonly key: string;
  readonly lease: { jobId: number; leaseToken: string };
  readonly everyMs: number;
}

process.on('message', ({ url, key, lease, everyMs }: Order) => {
  const beat = async () => {
    try {
      const response = await fetch(`${url}/api/v1/queue/heartbeat`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ leases: [lease] }),
      });
      process.send?.(await response.json());
    } catch (error) {
      process.send?.({ failed: String(error) });
    }
    setTimeout(beat, everyMs);
  };
  void beat();
});
process.send?.('ready');
