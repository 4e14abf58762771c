/** Interrupt a kernel through Jupyter's own route. False where the page tells of no Jupyter, or it refused. */
export async function interruptKernel(
  kernelId: string | null
): Promise<boolean> {
  const page = pageConfig();
  if (kernelId === null || typeof page?.baseUrl !== 'string') {
    return false;
  }
  const headers: Record<string, string> = {};
  const xsrf = /(?:^|;\s*)_xsrf=([^;]*)/.exec(document.cookie)?.[1];
  if (xsrf) {
    headers['X-XSRFToken'] = decodeURIComponent(xsrf);
  }
  if (typeof page.token === 'string' && page.token) {
    headers.Authorization = `token ${page.token}`;
  }
  const id = encodeURIComponent(kernelId);
  const url = `${page.baseUrl}api/kernels/${id}/interrupt`;
  try {
    const options = {
      method: 'POST',
      headers,
      credentials: 'same-origin'
    } as const;
    return (await fetch(url, options)).ok;
  } catch {
    return false;
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
