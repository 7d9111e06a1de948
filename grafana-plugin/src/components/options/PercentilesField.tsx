import { ListField } from '../query/ListField';
import { PartProps } from '../query/types';

const usual = [25, 50, 75, 80, 90, 95, 98, 99].map((p) => ({ value: String(p), label: `P${p}` }));

export function PercentilesField({ query, onQuery }: PartProps) {
  return (
    <ListField
      label="Percentiles"
      tooltip="P90: 90 of 100 waits were no longer"
      values={(query.percentiles ?? []).map(String)}
      options={usual}
      placeholder="50, 90, 95, 99"
      custom
      onChange={(values) => {
        const percentiles = values.map(Number).filter((p) => p > 0 && p <= 100);
        onQuery({ percentiles: percentiles.length ? percentiles.sort((a, b) => a - b) : undefined });
      }}
    />
  );
}
