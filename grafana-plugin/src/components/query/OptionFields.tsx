import { InlineFieldRow } from '@grafana/ui';
import { ComponentType } from 'react';
import { Option, viewOf } from '../../catalogue';
import { AttributionField } from '../options/AttributionField';
import { CallIdField, DirectionsField, OutcomesField } from '../options/CallFields';
import { FormatField } from '../options/FormatField';
import { GroupByField } from '../options/GroupByField';
import { IntervalField } from '../options/IntervalField';
import { LimitField } from '../options/LimitField';
import { PercentilesField } from '../options/PercentilesField';
import { RollingField } from '../options/RollingField';
import { StreamField } from '../options/StreamField';
import { ThresholdField } from '../options/ThresholdField';
import { TimeZoneField } from '../options/TimeZoneField';
import { VariantField } from '../options/VariantField';
import { PartProps } from './types';

const fields: Record<Option, ComponentType<PartProps>> = {
  groupBy: GroupByField,
  variant: VariantField,
  threshold: ThresholdField,
  percentiles: PercentilesField,
  outcomes: OutcomesField,
  directions: DirectionsField,
  callId: CallIdField,
  rolling: RollingField,
  interval: IntervalField,
  attribution: AttributionField,
  timeZone: TimeZoneField,
  limit: LimitField,
  format: FormatField,
};

/** The options that the view heeds, in one order whatever the view. */
export function OptionFields({ query, onQuery }: PartProps) {
  const view = viewOf(query.kind, query.view);
  const options = (Object.keys(fields) as Option[]).filter((option) => view?.options.includes(option));
  return (
    <InlineFieldRow>
      {options.map((option) => {
        const Field = fields[option];
        return <Field key={option} query={query} onQuery={onQuery} />;
      })}
      {view?.streams && <StreamField query={query} onQuery={onQuery} />}
    </InlineFieldRow>
  );
}
