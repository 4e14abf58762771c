import * as React from 'react';
import type { ICodeDiff } from '../../shared/wire';

const MEANINGS = { '+': 'added', '-': 'removed', ' ': undefined };

/** How the code of one cell changed from one run to another. */
export function CodeDiff({ diff }: { diff: ICodeDiff }): JSX.Element {
  return (
    <section className="nbtrail-CodeDiff">
      <h3>Code: {diff.title}</h3>
      <pre className="nbtrail-Scroll">
        {diff.lines.map(({ op, text }, index) => (
          <div key={index} data-op={op} aria-label={MEANINGS[op]}>
            {`${op} ${text}\n`}
          </div>
        ))}
      </pre>
    </section>
  );
}
