// The options of fields that Grafana registers at its start; its registry is not in its packages.
import {
  dataLinksOverrideProcessor,
  displayNameOverrideProcessor,
  FieldConfigOptionsRegistry,
  FieldConfigPropertyItem,
  identityOverrideProcessor,
  unitOverrideProcessor,
} from '@grafana/data';

const processors: Record<string, any> = { displayName: displayNameOverrideProcessor, unit: unitOverrideProcessor, links: dataLinksOverrideProcessor };

function option(id: string, path = id, isCustom = false): FieldConfigPropertyItem<any> {
  return { id: isCustom ? `custom.${id}` : id, path, name: id, description: '', isCustom, process: processors[id] ?? identityOverrideProcessor, shouldApply: () => true, editor: () => null, override: () => null, settings: { expandTemplateVars: true } } as any;
}

export const standardOptions: Array<FieldConfigPropertyItem<any>> = [
  'displayName', 'description', 'unit', 'min', 'max', 'decimals', 'noValue', 'thresholds', 'mappings', 'links', 'color', 'filterable', 'actions', 'fieldMinMax',
].map((id) => option(id));

const custom = [
  'align', 'cellOptions', 'filterable', 'inspect', 'hidden', 'hideFrom', 'width', 'minWidth', 'wrapText', 'drawStyle', 'lineWidth', 'fillOpacity', 'stacking', 'barAlignment',
  'barWidthFactor', 'showPoints', 'pointSize', 'spanNulls', 'axisPlacement', 'axisLabel', 'axisSoftMin', 'axisSoftMax', 'axisColorMode', 'axisBorderShow',
  'axisCenteredZero', 'gradientMode', 'lineInterpolation', 'lineStyle', 'thresholdsStyle', 'scaleDistribution', 'transform', 'insertNulls', 'footer',
];

export function registry(): FieldConfigOptionsRegistry {
  return new FieldConfigOptionsRegistry(() => [...standardOptions, ...custom.map((id) => option(id, id, true))] as any);
}
