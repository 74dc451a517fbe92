/** Instant query. */
export interface Found {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Empty where Prometheus does not answer yet. @throws Error where it refuses the query */
export async function query(prometheus: string, expr: string): Promise<Found[]> {
  const response = await fetch(`${prometheus}/api/v1/query`, { method: 'POST', body: new URLSearchParams({ query: expr }), signal: AbortSignal.timeout(5000) }).catch(() => undefined);
  if (response?.status === 400) throw new Error(`${expr}: ${await response.text()}`);
  if (!response?.ok) return [];
  const { data } = (await response.json()) as { data: { result: { metric: Record<string, string>; value: [number, string] }[] } };
  return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
}
