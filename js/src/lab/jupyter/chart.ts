import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';
import {
  fitSpec,
  themeSpec,
  withoutLegends,
  type IPageStyle
} from '../model/chart-spec';
import type { DrawChart } from '../views/comparison-view';

const VEGA_LITE = 'application/vnd.vegalite.v5+json';

/** Nothing that asks the network: the editor's link is left out. */
const EMBED_OPTIONS = {
  actions: { export: true, source: false, compiled: false, editor: false },
  renderer: 'svg'
};

/** Draws charts through the front end's own renderer of Vega-Lite. */
export function chartDrawer(rendermime: IRenderMimeRegistry): DrawChart {
  return (node, spec) => {
    if (!rendermime.mimeTypes.includes(VEGA_LITE)) {
      node.textContent = 'This front end has no renderer for Vega-Lite charts.';
      return () => (node.textContent = '');
    }
    const renderer = rendermime.createRenderer(VEGA_LITE);
    const fitted = fitSpec(withoutLegends(spec), node.clientWidth);
    const data = { [VEGA_LITE]: themeSpec(fitted, pageStyle()) };
    const metadata = { [VEGA_LITE]: { embed_options: EMBED_OPTIONS } };
    Widget.attach(renderer, node);
    renderer
      .renderModel(rendermime.createModel({ data, metadata, trusted: true }))
      .catch((reason: unknown) => {
        node.textContent = `The chart cannot be drawn: ${String(reason)}`;
      });
    return () => renderer.dispose();
  };
}

function pageStyle(): IPageStyle {
  const style = getComputedStyle(document.body);
  const read = (name: string): string => style.getPropertyValue(name).trim();
  return {
    text: read('--jp-ui-font-color1'),
    mutedText: read('--jp-ui-font-color2'),
    line: read('--jp-border-color2'),
    font: read('--jp-ui-font-family')
  };
}
