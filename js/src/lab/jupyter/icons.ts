import { LabIcon } from '@jupyterlab/ui-components';

const RUNS_SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">
  <g class="jp-icon3" style="fill:none" stroke="#616161" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round">
    <path d="M1.8 1.5v12.7h12.7"/>
    <path d="M4.2 4.2c.9 5.2 3 7 9.8 7.2"/>
    <path d="M4.2 8.6c2.4-.2 4.4-2.7 9.8-5.4"/>
  </g>
</svg>`;

export const runsIcon = new LabIcon({ name: 'nbtrail:runs', svgstr: RUNS_SVG });
