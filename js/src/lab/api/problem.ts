import type { IErrorBody } from '../../shared/wire';

/** Why the server did not do what was asked, in its own words. */
export class Problem extends Error {
  constructor(
    message: string,
    readonly kind: string,
    readonly status: number,
    /** Where in the filter the mistake begins, counted from 0. */
    readonly column: number | null = null
  ) {
    super(message);
    this.name = 'Problem';
  }

  /** The problem that an error answer describes; an answer of another shape gets a sentence that says so. */
  static fromAnswer(status: number, body: unknown): Problem {
    if (isErrorBody(body)) {
      const { message, kind, column } = body.error;
      return new Problem(message, kind, status, column ?? null);
    }
    if (status === 404) {
      return new Problem(
        'The server does not know nbtrail. Restart Jupyter after installing it, or enable it with `jupyter server extension enable nbtrail.server`.',
        'Missing',
        status
      );
    }
    return new Problem(
      `The server answered ${status}. Its log tells more.`,
      'Unexpected',
      status
    );
  }

  /** Anything that was thrown, as a problem. */
  static from(thrown: unknown): Problem {
    if (thrown instanceof Problem) {
      return thrown;
    }
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new Problem(message, 'Unexpected', 0);
  }
}

function isErrorBody(body: unknown): body is IErrorBody {
  const error = (body as IErrorBody | null)?.error;
  return typeof error === 'object' && typeof error?.message === 'string';
}
