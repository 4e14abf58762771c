/** Ask the page's own Jupyter server. Null where the page tells of none, or it does not answer. */
export async function askServer(
  method: 'GET' | 'POST' | 'PATCH',
  route: string,
  body?: unknown
): Promise<Response | null> {
  const page = pageConfig();
  if (typeof page?.baseUrl !== 'string') {
    return null;
  }
  const headers: Record<string, string> = {};
  const xsrf = /(?:^|;\s*)_xsrf=([^;]*)/.exec(document.cookie)?.[1];
  if (xsrf) {
    headers['X-XSRFToken'] = decodeURIComponent(xsrf);
  }
  if (typeof page.token === 'string' && page.token) {
    headers.Authorization = `token ${page.token}`;
  }
  const options: RequestInit = { method, headers, credentials: 'same-origin' };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
  }
  try {
    return await fetch(page.baseUrl + route, options);
  } catch {
    return null;
  }
}

function pageConfig(): { baseUrl?: unknown; token?: unknown } | null {
  const element = document.getElementById('jupyter-config-data');
  try {
    return element && JSON.parse(element.textContent ?? '');
  } catch {
    return null;
  }
}
