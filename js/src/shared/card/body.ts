import { formatDuration } from '../times';
import type { ILiveCardState } from '../wire';
import { html } from '../elements';
import { statusDot } from './status-dot';
import { curveChart } from './chart';

const CURVES_SHOWN = 3;
const LEAST_CHART_PX = 240;

/** Who runs, since when, and how far it is. */
export function heading(state: ILiveCardState, now: number): HTMLElement[] {
  return [
    statusDot(state.status),
    html('strong', { class: 'nbt-name', title: state.name }, state.name),
    ...state.tags.map(tag =>
      html('span', { class: 'nbt-tag', 'data-tag': tag }, tag)
    ),
    html('span', { class: 'nbt-when' }, describeProgress(state, now))
  ];
}

/** `running 0:42 · cell [12] · step 124 of 200`. */
export function describeProgress(state: ILiveCardState, now: number): string {
  const { status, started, ended, cell, step, total } = state;
  const words = [`${status} ${formatDuration((ended ?? now) - started)}`];
  if (cell !== null) {
    words.push(`cell [${cell}]`);
  }
  if (step !== null) {
    words.push(total === null ? `step ${step}` : `step ${step} of ${total}`);
  }
  return words.join(' · ');
}

/** How much is done; null when nobody said how much there is, and when the run has ended. */
export function progressBar(state: ILiveCardState): HTMLElement | null {
  const { status, step, total } = state;
  if (status !== 'running' || step === null || total === null || total <= 0) {
    return null;
  }
  const share = Math.min(100, Math.max(0, (100 * step) / total));
  const bar = html('div', { style: `width: ${share.toFixed(1)}%` });
  return html(
    'div',
    {
      class: 'nbt-progress',
      role: 'progressbar',
      'aria-label': 'Steps',
      'aria-valuemin': '0',
      'aria-valuemax': String(total),
      'aria-valuenow': String(step)
    },
    bar
  );
}

/** What the run wants said: its error, its note, a message. */
export function remarks(state: ILiveCardState): HTMLElement[] {
  const remark = (text: string | null, kind: string): HTMLElement[] =>
    text ? [html('div', { class: 'nbt-remark', 'data-kind': kind }, text)] : [];
  return [
    ...remark(state.error, 'error'),
    ...remark(state.message, 'message'),
    ...remark(state.note, 'note')
  ];
}

/** The first few curves, as wide as the card lets them. */
export function charts(
  state: ILiveCardState,
  width: number
): HTMLElement | null {
  const curves = state.curves
    .filter(curve => curve.values.length > 1)
    .slice(0, CURVES_SHOWN);
  if (curves.length === 0) {
    return null;
  }
  const columns = Math.max(
    1,
    Math.min(curves.length, Math.floor(width / LEAST_CHART_PX))
  );
  const each = Math.floor(width / columns);
  const drawn = curves.map(curve => curveChart(curve, state.total, each));
  return html('div', { class: 'nbt-charts' }, ...drawn);
}
