import { ComboboxOption } from '@grafana/ui';
import type { RingsideDataSource } from '../../datasource';
import { viewOf } from '../../catalogue';
import { KindInfo, Metric, RingsideQuery } from '../../types';
import { asList } from './asList';
import { ListField } from './ListField';
import { PartProps } from './types';
import { useLoaded } from './useLoaded';

interface Props extends PartProps {
  datasource: RingsideDataSource;
}

/** The columns to show, by title, with their definitions. */
export function MetricsField({ datasource, query, onQuery }: Props) {
  const { value: kinds, error } = useLoaded(() => datasource.kinds.get(), [datasource]);
  const metrics = metricsOf(kinds, query);
  const standard = metrics.filter((metric) => metric.default).map((metric) => metric.title);
  return (
    <ListField
      label="Metrics"
      tooltip={error ? `The list could not be had: ${error}. Names of columns can be typed.` : 'The columns to show; none chosen: the usual ones'}
      values={asList(query.metrics)}
      options={metrics.map(optionOf)}
      placeholder={standard.length > 0 ? shortened(standard) : 'The usual ones'}
      custom
      minWidth={60}
      onChange={(names) => onQuery({ metrics: names.length ? names : undefined })}
    />
  );
}

function metricsOf(kinds: KindInfo[] | undefined, query: RingsideQuery): Metric[] {
  const name = viewOf(query.kind, query.view)?.name ?? query.view ?? '';
  const views = kinds?.find((kind) => kind.kind === query.kind)?.views ?? [];
  return (views.find((view) => view.view === name) ?? views[0])?.metrics ?? [];
}

const units: Record<string, string> = { s: 'seconds', dthms: 'duration', percent: '%', percentunit: 'share' };

function optionOf({ name, title, unit, description }: Metric): ComboboxOption {
  const details = [description, unit && units[unit], name].filter(Boolean);
  return { value: name, label: title, description: details.join(' \u00b7 ') };
}

function shortened(titles: string[]): string {
  return titles.length > 4 ? `${titles.slice(0, 4).join(', ')} and ${titles.length - 4} more` : titles.join(', ');
}
