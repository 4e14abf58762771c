import * as React from 'react';
import { closeIcon } from '@jupyterlab/ui-components';
import type { Problem } from '../api/problem';
import {
  complete,
  markColumn,
  tokenise,
  type ICompletion
} from '../model/filter-text';
import type { INames } from '../../shared/wire';

const TYPING_PAUSE_MS = 350;
const NO_NAMES: INames = { params: [], metrics: [], tags: [], notebooks: [] };

export interface IFilterBoxProps {
  filter: string;
  names: INames | null;
  problem: Problem | null;
  onFilter(filter: string): void;
}

/** The filter with its colours, its completions and what is wrong with it. */
export function FilterBox(props: IFilterBoxProps): JSX.Element {
  const box = useFilterBox(props);
  const { text, completions, active, listId, input, colours } = box;
  const isOpen = completions.length > 0;
  // What is being typed is not wrong yet.
  const problem = text === props.filter && !isOpen ? props.problem : null;
  return (
    <div className="nbtrail-Filter" data-invalid={problem !== null}>
      <div className="nbtrail-Filter-field">
        <div className="nbtrail-Filter-colours" ref={colours} aria-hidden>
          {markColumn(tokenise(text), problem?.column ?? null).map(
            (token, index) => (
              <span
                key={index}
                data-kind={token.kind}
                data-mistake={token.mistaken}
              >
                {token.text}
              </span>
            )
          )}
        </div>
        <input
          ref={input}
          className="nbtrail-Filter-input"
          type="text"
          role="combobox"
          spellCheck={false}
          autoComplete="off"
          placeholder="Filter: metrics.acc > 0.9 and not failed"
          aria-label="Filter runs"
          aria-autocomplete="list"
          aria-expanded={isOpen}
          aria-controls={listId}
          aria-activedescendant={
            isOpen && active >= 0 ? `${listId}-${active}` : undefined
          }
          aria-invalid={problem !== null}
          aria-errormessage={problem ? `${listId}-problem` : undefined}
          value={text}
          onChange={event => box.type(event.target.value)}
          onKeyDown={box.onKeyDown}
          onScroll={box.alignColours}
          onSelect={box.alignColours}
          onBlur={box.close}
        />
        {text && (
          <button
            className="nbtrail-Filter-clear"
            title="Clear the filter"
            aria-label="Clear the filter"
            onClick={() => box.apply('')}
          >
            <closeIcon.react tag="span" width="12px" height="12px" />
          </button>
        )}
      </div>
      {isOpen && (
        <Completions
          id={listId}
          items={completions}
          active={active}
          onPick={box.pick}
        />
      )}
      {problem && (
        <div
          className="nbtrail-Filter-problem"
          id={`${listId}-problem`}
          role="alert"
          title={problem.message}
        >
          {problem.message.split('\n')[0]}
        </div>
      )}
    </div>
  );
}

function Completions(props: {
  id: string;
  items: readonly ICompletion[];
  active: number;
  onPick(item: ICompletion): void;
}): JSX.Element {
  return (
    <ul
      className="nbtrail-Completions"
      id={props.id}
      role="listbox"
      aria-label="Names that fit"
    >
      {props.items.map((item, index) => (
        <li
          key={item.label + item.hint}
          id={`${props.id}-${index}`}
          role="option"
          aria-selected={index === props.active}
          onMouseDown={event => {
            event.preventDefault();
            props.onPick(item);
          }}
        >
          <span>{item.label}</span>
          <span className="nbtrail-Completions-hint">{item.hint}</span>
        </li>
      ))}
    </ul>
  );
}

function useFilterBox(props: IFilterBoxProps) {
  const [text, setText] = React.useState(props.filter);
  const [completions, setCompletions] = React.useState<ICompletion[]>([]);
  const [active, setActive] = React.useState(-1);
  const [caret, setCaret] = React.useState<number | null>(null);
  const span = React.useRef({ from: 0, to: 0 });
  const timer = React.useRef<ReturnType<typeof setTimeout>>();
  const input = React.useRef<HTMLInputElement>(null);
  const colours = React.useRef<HTMLDivElement>(null);
  const listId = React.useId();

  React.useEffect(() => setText(props.filter), [props.filter]);
  React.useEffect(() => () => clearTimeout(timer.current), []);
  React.useLayoutEffect(() => {
    if (caret !== null) {
      input.current?.setSelectionRange(caret, caret);
      setCaret(null);
    }
    alignColours();
  }, [text, caret]);

  const alignColours = (): void => {
    if (input.current && colours.current) {
      colours.current.scrollLeft = input.current.scrollLeft;
    }
  };
  const close = (): void => {
    setCompletions([]);
    setActive(-1);
  };
  const apply = (filter: string): void => {
    clearTimeout(timer.current);
    setText(filter);
    close();
    if (filter !== props.filter) {
      props.onFilter(filter);
    }
  };
  const type = (filter: string): void => {
    setText(filter);
    const at = input.current?.selectionStart ?? filter.length;
    const found = complete(filter, at, props.names ?? NO_NAMES);
    span.current = found;
    setCompletions(found.items);
    setActive(-1);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => props.onFilter(filter), TYPING_PAUSE_MS);
  };
  const pick = (item: ICompletion): void => {
    const { from, to } = span.current;
    const filter = text.slice(0, from) + item.insert + text.slice(to);
    setText(filter);
    setCaret(from + item.insert.length);
    close();
    clearTimeout(timer.current);
    timer.current = setTimeout(() => props.onFilter(filter), TYPING_PAUSE_MS);
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const count = completions.length;
    const picked = completions[Math.max(active, 0)];
    if (event.key === 'ArrowDown' && count) {
      setActive((active + 1) % count);
    } else if (event.key === 'ArrowUp' && count) {
      setActive(active <= 0 ? count - 1 : active - 1);
    } else if (event.key === 'Tab' && picked && !event.shiftKey) {
      pick(picked);
    } else if (event.key === 'Enter') {
      if (picked && active >= 0) {
        pick(picked);
      } else {
        apply(text);
      }
    } else if (event.key === 'Escape' && count) {
      close();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return {
    text,
    completions,
    active,
    listId,
    input,
    colours,
    alignColours,
    apply,
    close,
    onKeyDown,
    pick,
    type
  };
}
