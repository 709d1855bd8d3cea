import type { FetchAnswer, FetchOptions } from './protocol';

type ProxyAnswer = {
  status: 'success' | 'error';
  category?: string;
  message?: string;
  responseBody?: string;
  context?: { appServerStatusCode?: string[] };
};

/** `hubspot.fetch` as the page sees it: the sandbox signs; the app's own status comes back. */
export async function throughProxy(
  portalId: number,
  url: string,
  options: FetchOptions,
): Promise<FetchAnswer> {
  const answer = await fetch(`/sandbox/card/fetch?portal=${portalId}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      requestUri: url,
      method: options.method ?? 'GET',
      requestTimeoutMillis: options.timeout,
      requestBody: options.body,
      requestHeaders: options.headers,
    }),
  });
  const said = (await answer.json()) as ProxyAnswer;
  const given = said.context?.appServerStatusCode?.[0];
  const status = given === undefined ? (said.status === 'success' ? 200 : 502) : Number(given);
  const body = said.responseBody ?? JSON.stringify({ category: said.category, message: said.message });
  return { status, body };
}
