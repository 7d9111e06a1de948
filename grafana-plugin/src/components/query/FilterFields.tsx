import { InlineFieldRow } from '@grafana/ui';
import { viewOf } from '../../catalogue';
import type { RingsideDataSource } from '../../datasource';
import { idMembers } from '../../types';
import { asList } from './asList';
import { IdField } from './IdField';
import { PartProps } from './types';

interface Props extends PartProps {
  datasource: RingsideDataSource;
}

/** The filters that the view heeds; and those that a query holds though its view does not, so that they can be seen and taken away. */
export function FilterFields({ datasource, query, onQuery }: Props) {
  const heeded = viewOf(query.kind, query.view)?.filters ?? idMembers;
  const members = idMembers.filter((member) => heeded.includes(member) || query[member]?.length);
  return (
    <InlineFieldRow>
      {members.map((member) => (
        <IdField
          key={member}
          datasource={datasource}
          member={member}
          ids={asList(query[member])}
          filter={{
            organizations: member === 'organizations' ? undefined : asList(query.organizations),
            groups: member === 'queues' || member === 'agents' ? asList(query.groups) : undefined,
            queues: member === 'agents' ? asList(query.queues) : undefined,
          }}
          onChange={(ids) => onQuery({ [member]: ids.length ? ids : undefined })}
        />
      ))}
    </InlineFieldRow>
  );
}
