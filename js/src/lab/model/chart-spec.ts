import type { Json } from '../../shared/wire';

export type Spec = { [key: string]: Json };

/** The colours and the font that a chart takes from the page around it. */
export interface IPageStyle {
  text: string;
  mutedText: string;
  line: string;
  font: string;
}

/** The chart as it should look on the page: what the spec itself says of colours stays. */
export function themeSpec(spec: Spec, style: IPageStyle): Spec {
  const ours: Spec = {
    background: 'transparent',
    font: style.font,
    axis: {
      labelColor: style.text,
      titleColor: style.text,
      gridColor: style.line,
      domainColor: style.mutedText,
      tickColor: style.mutedText
    },
    header: { labelColor: style.text, titleColor: style.text },
    legend: { labelColor: style.text, titleColor: style.text },
    title: { color: style.text, subtitleColor: style.mutedText },
    view: { stroke: 'transparent' }
  };
  return {
    ...spec,
    background: 'transparent',
    config: mergeDeep(ours, asSpec(spec.config))
  };
}

/** The chart without legends of its own. */
export function withoutLegends(spec: Spec): Spec {
  return mapSpecs(spec, part =>
    'legend' in part && 'field' in part ? { ...part, legend: null } : part
  );
}

/** The width that the server draws for, and below which curves and dots stand under each other. */
const DRAWN_PX = 800;
const NARROW_PX = 700;
const AXIS_PX = 75;

/** A chart of two parts side by side, for a place so wide: the first part takes the room, or stands above the second. */
export function fitSpec(spec: Spec, widthPx: number): Spec {
  const parts = spec.hconcat;
  const [first, ...others] = Array.isArray(parts) ? parts : [];
  if (!isSpec(first) || typeof first.width !== 'number') {
    return spec;
  }
  if (widthPx >= NARROW_PX || others.length === 0) {
    const width = Math.max(160, first.width + widthPx - DRAWN_PX - 10);
    return { ...spec, hconcat: [{ ...first, width }, ...others] };
  }
  const rest = { ...spec };
  delete rest.hconcat;
  const width = Math.max(160, widthPx - AXIS_PX);
  return { ...rest, vconcat: [{ ...first, width }, ...others] };
}

/** The chart with some runs highlighted, as a click in its own legend would; no run means all. */
export function highlightRuns(spec: Spec, names: readonly string[]): Spec {
  if (!Array.isArray(spec.params) || names.length === 0) {
    return spec;
  }
  const value = names.map(run => ({ run }));
  const params = spec.params.map(param =>
    isSpec(param) && param.bind === 'legend' ? { ...param, value } : param
  );
  return { ...spec, params };
}

function mapSpecs(spec: Spec, change: (part: Spec) => Spec): Spec {
  const inner = (value: Json): Json => {
    if (Array.isArray(value)) {
      return value.map(inner);
    }
    return isSpec(value) ? mapSpecs(value, change) : value;
  };
  const entries = Object.entries(change(spec)).map(([key, value]) =>
    // Data may be large, and holds no part of the drawing.
    key === 'data' || key === 'datasets' ? [key, value] : [key, inner(value)]
  );
  return Object.fromEntries(entries) as Spec;
}

function mergeDeep(under: Spec, over: Spec): Spec {
  const merged: Spec = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] =
      isSpec(below) && isSpec(value) ? mergeDeep(below, value) : value;
  }
  return merged;
}

function asSpec(value: Json | undefined): Spec {
  return isSpec(value) ? value : {};
}

function isSpec(value: Json | undefined): value is Spec {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
