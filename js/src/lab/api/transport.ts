import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { Problem } from './problem';
import type { Transport } from './runs-api';

/** Asks the Jupyter server, with its token and its XSRF cookie. */
export function serverTransport(
  settings: ServerConnection.ISettings
): Transport {
  return async ({ method, route, query, body }) => {
    const url =
      URLExt.join(settings.baseUrl, 'nbtrail/api', route) +
      URLExt.objectToQueryString(query);
    const init: RequestInit = { method };
    if (body !== undefined) {
      init.body = JSON.stringify(body);
    }
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(url, init, settings);
    } catch {
      throw new Problem(
        'The Jupyter server does not answer. Is it still running?',
        'Unreachable',
        0
      );
    }
    return { status: response.status, body: await readJson(response) };
  };
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}
