import * as React from 'react';
import { heightOf, Layout, ROW_HEIGHT, type Item } from '../model/layout';
import type { IRunsState } from '../model/runs-state';
import { formatCount } from '../../shared/numbers';
import type { IRunRow } from '../../shared/wire';
import { RunRow } from './run-row';

const SPARE_PX = 200;

export interface IRunTreeProps {
  state: IRunsState;
  onToggleRun(row: IRunRow): void;
  onToggleSection(id: string): void;
  onOpenRun(row: IRunRow): void;
  onWindow(top: number, bottom: number): void;
}

/** The runs as a list that holds only what is on the screen, whatever its length. */
export function RunTree(props: IRunTreeProps): JSX.Element {
  const { state } = props;
  const layout = new Layout(state.sections);
  const scroller = React.useRef<HTMLDivElement>(null);
  const [view, setView] = React.useState({ top: 0, height: 600 });
  const [focused, setFocused] = React.useState(-1);
  const treeId = React.useId();

  const look = React.useCallback(() => {
    const node = scroller.current;
    if (node) {
      setView({ top: node.scrollTop, height: node.clientHeight || 600 });
    }
  }, []);
  React.useEffect(() => {
    const observer = new ResizeObserver(look);
    observer.observe(scroller.current!);
    return () => observer.disconnect();
  }, [look]);
  const top = view.top - SPARE_PX;
  const bottom = view.top + view.height + SPARE_PX;
  React.useEffect(() => props.onWindow(top, bottom), [top, bottom]);

  const act = (item: Item, action: 'open' | 'toggle'): void => {
    setFocused(item.index);
    if (item.kind === 'header') {
      props.onToggleSection(item.section.id);
    } else if (item.row && action === 'open') {
      props.onOpenRun(item.row);
    } else if (item.row) {
      props.onToggleRun(item.row);
    }
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const item = layout.at(focused);
    const next = nextFocus(event.key, focused, layout, view.height, item);
    if (next !== null) {
      setFocused(next);
      reveal(scroller.current, layout.at(next));
    } else if (item && (event.key === ' ' || event.key === 'Enter')) {
      act(item, event.key === ' ' ? 'toggle' : 'open');
    } else if (item && togglesSection(event.key, item)) {
      props.onToggleSection(item.section.id);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={scroller}
      className="nbtrail-RunTree"
      role="tree"
      aria-label="Runs"
      aria-multiselectable
      aria-activedescendant={focused >= 0 ? `${treeId}-${focused}` : undefined}
      tabIndex={0}
      onScroll={look}
      onKeyDown={onKeyDown}
      onFocus={() => focused < 0 && setFocused(0)}
    >
      <div style={{ height: layout.height, position: 'relative' }}>
        {layout.between(top, bottom).map(item => (
          <TreeItem
            key={`${item.section.id}:${item.index}`}
            id={`${treeId}-${item.index}`}
            item={item}
            state={state}
            focused={item.index === focused}
            onAct={action => act(item, action)}
          />
        ))}
      </div>
    </div>
  );
}

function TreeItem(props: {
  id: string;
  item: Item;
  state: IRunsState;
  focused: boolean;
  onAct(action: 'open' | 'toggle'): void;
}): JSX.Element {
  const { item, state } = props;
  const { section } = item;
  const style = { top: item.top, height: heightOf(item) };
  if (item.kind === 'header') {
    return (
      <div
        id={props.id}
        className="nbtrail-GroupHeader"
        style={style}
        role="treeitem"
        aria-level={1}
        aria-expanded={!section.collapsed}
        data-focused={props.focused}
        onClick={() => props.onAct('toggle')}
      >
        <span className="nbtrail-GroupHeader-label">{section.label}</span>
        <span>{describeCount(section.matched, section.total)}</span>
      </div>
    );
  }
  const { row } = item;
  const place = row ? state.selected.findIndex(({ id }) => id === row.id) : -1;
  return (
    <div
      id={props.id}
      className="nbtrail-RunRow"
      style={style}
      role="treeitem"
      aria-level={section.label === null ? 1 : 2}
      aria-setsize={section.matched}
      aria-posinset={item.offset + 1}
      aria-selected={place >= 0}
      aria-busy={row === undefined}
      data-focused={props.focused}
      data-run-id={row?.id}
      onClick={() => props.onAct('toggle')}
    >
      {row && (
        <RunRow
          row={row}
          params={state.params}
          place={place >= 0 ? place : null}
          now={Date.now() / 1000}
          onToggle={() => props.onAct('toggle')}
          onOpen={() => props.onAct('open')}
        />
      )}
    </div>
  );
}

function describeCount(matched: number, total: number): string {
  const all = formatCount(total);
  return matched === total ? all : `${formatCount(matched)} of ${all}`;
}

function nextFocus(
  key: string,
  focused: number,
  layout: Layout,
  viewHeight: number,
  item: Item | undefined
): number | null {
  const last = layout.count - 1;
  const page = Math.max(1, Math.floor(viewHeight / ROW_HEIGHT) - 1);
  const clamp = (index: number): number => Math.max(0, Math.min(last, index));
  switch (key) {
    case 'ArrowDown':
      return clamp(focused + 1);
    case 'ArrowUp':
      return clamp(focused - 1);
    case 'PageDown':
      return clamp(focused + page);
    case 'PageUp':
      return clamp(focused - page);
    case 'Home':
      return clamp(0);
    case 'End':
      return clamp(last);
    case 'ArrowLeft':
      return item?.kind === 'row' && item.section.label !== null
        ? item.index - item.offset - 1
        : null;
    default:
      return null;
  }
}

function togglesSection(key: string, item: Item): boolean {
  const { collapsed } = item.section;
  return (
    item.kind === 'header' && key === (collapsed ? 'ArrowRight' : 'ArrowLeft')
  );
}

function reveal(scroller: HTMLElement | null, item: Item | undefined): void {
  if (!scroller || !item) {
    return;
  }
  const bottom = item.top + heightOf(item);
  if (item.top < scroller.scrollTop) {
    scroller.scrollTop = item.top;
  } else if (bottom > scroller.scrollTop + scroller.clientHeight) {
    scroller.scrollTop = bottom - scroller.clientHeight;
  }
}
