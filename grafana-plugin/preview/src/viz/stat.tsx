import { getFieldDisplayValues } from '@grafana/data';
import { BigValue, BigValueColorMode, BigValueGraphMode, BigValueJustifyMode, BigValueTextMode, VizRepeater } from '@grafana/ui';
import { replace } from '../runtime';
import type { VizProps } from './index';

export function Stat({ frames, options, width, height, theme }: VizProps) {
  const values = getFieldDisplayValues({ fieldConfig: { defaults: {}, overrides: [] }, reduceOptions: options.reduceOptions, replaceVariables: replace as any, theme, data: frames, sparkline: options.graphMode !== 'none', timeZone: 'browser' });
  return (
    <VizRepeater
      source={values}
      getValues={() => values}
      width={width}
      height={height}
      itemSpacing={3}
      orientation={options.orientation ?? ('auto' as any)}
      renderCounter={0}
      autoGrid
      renderValue={({ value, width: w, height: h, count }: any) => (
        <BigValue
          value={value.display}
          sparkline={value.sparkline}
          count={count}
          width={w}
          height={h}
          theme={theme}
          text={options.text}
          disableWideLayout={options.wideLayout === false}
          colorMode={options.colorMode ?? BigValueColorMode.Value}
          graphMode={options.graphMode ?? BigValueGraphMode.None}
          justifyMode={options.justifyMode ?? BigValueJustifyMode.Auto}
          textMode={options.textMode ?? BigValueTextMode.Auto}
        />
      )}
    />
  );
}
