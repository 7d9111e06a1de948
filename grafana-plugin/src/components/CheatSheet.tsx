import { QueryEditorHelpProps } from '@grafana/data';
import { Button, Card, Stack, Text } from '@grafana/ui';
import { displayText } from '../displayText';
import { RingsideQuery } from '../types';
import { examples } from './examples';

export function CheatSheet({ onClickExample }: QueryEditorHelpProps<RingsideQuery>) {
  return (
    <Stack direction="column" gap={1}>
      <Text element="h2" variant="h4">
        Ringside
      </Text>
      <Text>
        Choose what to ask; every number comes with its unit, thresholds and definition. Filters take names, and template variables such as $queue with one or many
        values. Empty filters mean all.
      </Text>
      {examples.map(({ title, text, query }) => (
        <Card key={title} noMargin>
          <Card.Heading>{title}</Card.Heading>
          <Card.Description>{text}</Card.Description>
          <Card.Meta>{[displayText({ refId: 'A', ...query })]}</Card.Meta>
          <Card.Actions>
            <Button size="sm" variant="secondary" aria-label={`Use: ${title}`} onClick={() => onClickExample({ refId: 'A', ...query })}>
              Use this query
            </Button>
          </Card.Actions>
        </Card>
      ))}
      <Macros />
    </Stack>
  );
}

const macros: Array<[string, string]> = [
  ['$__timeFilter(column)', 'an instant within the dashboard\u2019s time range'],
  ['$__dateFilter(column)', 'a date within it; a filter on dates is what makes queries fast'],
  ['$__timeFrom, $__timeTo', 'its two ends'],
  ['$__timeInterval(column)', 'the begin of the panel\u2019s interval that an instant is in'],
  ['$__interval_s', 'the length of that interval in seconds'],
  ['$__organizationFilter(column), $__queueFilter(column), $__groupFilter(column), $__agentFilter(column)', 'what is chosen in the query\u2019s filters; true where nothing is'],
  ['$__timeZone', 'the name of the query\u2019s time zone'],
];

function Macros() {
  return (
    <>
      <Text element="h3" variant="h5">
        Macros of SQL
      </Text>
      <dl>
        {macros.map(([name, text]) => (
          <div key={name}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
