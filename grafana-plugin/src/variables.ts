import { CustomVariableSupport, DataQueryRequest, DataQueryResponse } from '@grafana/data';
import { from, map, Observable } from 'rxjs';
import { VariableEditor } from './components/VariableEditor';
import type { RingsideDataSource } from './datasource';
import { VariableQuery } from './types';

/** Variables of organizations, groups, queues, agents and lists of callbacks: the text is the name, the value is the id. */
export class Variables extends CustomVariableSupport<RingsideDataSource, VariableQuery> {
  editor = VariableEditor;

  constructor(private readonly source: RingsideDataSource) {
    super();
  }

  query(request: DataQueryRequest<VariableQuery>): Observable<DataQueryResponse> {
    return from(this.source.lookUpVariable(request.targets[0], request.scopedVars)).pipe(
      map((found) => ({ data: found.map(({ text, value }) => ({ text, value })) }))
    );
  }

  getDefaultQuery(): Partial<VariableQuery> {
    return { lookup: 'queues' };
  }
}
