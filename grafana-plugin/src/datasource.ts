import { AnnotationSupport, CoreApp, DataQueryRequest, DataQueryResponse, DataSourceInstanceSettings, ScopedVars } from '@grafana/data';
import { config, DataSourceWithBackend, getGrafanaLiveSrv, getTemplateSrv, GrafanaLiveSrv, TemplateSrv } from '@grafana/runtime';
import { Observable } from 'rxjs';
import { ask } from './ask';
import { viewOf } from './catalogue';
import { AnnotationEditor } from './components/AnnotationEditor';
import { displayText } from './displayText';
import { fillIds, fillQuery } from './interpolate';
import { keepCurrent, Patience, patienceOf } from './live';
import { GetResource, lookUp, LookupFilter, Once, variableLimit } from './lookups';
import { fillSql } from './sqlVariables';
import { ianaZone } from './timeZone';
import { KindInfo, LookupName, Macro, Named, RingsideQuery, Settings, Table, VariableQuery } from './types';
import { Variables } from './variables';

// Where figures that move would be in the way, or nobody looks.
const still: string[] = [CoreApp.Explore, CoreApp.CloudAlerting, CoreApp.UnifiedAlerting, CoreApp.Correlations];

export class RingsideDataSource extends DataSourceWithBackend<RingsideQuery, Settings> {
  readonly annotations: AnnotationSupport<RingsideQuery> = {
    QueryEditor: AnnotationEditor,
    getDefaultQuery: () => ({ kind: 'annotations', view: 'opening' }),
  };

  readonly kinds = new Once(() => this.resource<KindInfo[]>('kinds'));
  readonly schema = new Once(() => this.resource<Table[]>('schema'));
  readonly macros = new Once(() => this.resource<Macro[]>('macros'));

  /** Tests are less patient. */
  patience: Patience;

  constructor(
    settings: DataSourceInstanceSettings<Settings>,
    readonly templates: TemplateSrv = getTemplateSrv()
  ) {
    super(settings);
    this.variables = new Variables(this);
    this.patience = patienceOf(settings.jsonData?.pollIntervalMs);
  }

  getDefaultQuery(): Partial<RingsideQuery> {
    // Grafana adds what is missing in a query from this: a member more, and queries of other kinds would get it, too.
    return { kind: 'queueStatus' };
  }

  filterQuery(query: RingsideQuery): boolean {
    if (query.hide || !query.kind) {
      return false;
    }
    if (query.kind === 'sql') {
      return Boolean(query.sql?.trim());
    }
    // A dashboard of one call has nothing to ask before a call is chosen.
    return query.kind !== 'calls' || query.view !== 'events' || Boolean(fillQuery(query, this.templates).callId);
  }

  getQueryDisplayText(query: RingsideQuery): string {
    return displayText(query);
  }

  query(request: DataQueryRequest<RingsideQuery>): Observable<DataQueryResponse> {
    const targets = request.targets.map((query) => this.inContext(query, request));
    const asked = { ...request, targets };
    if (!targets.some(streams)) {
      return super.query(asked);
    }
    const filled = targets.map((query) => this.applyTemplateVariables(query, request.scopedVars));
    return keepCurrent({
      // On public dashboards Grafana itself knows the queries, and sends none.
      ask: () => (config.publicDashboardAccessToken ? super.query(asked) : ask(this.getRef(), filled, request)),
      query: (refId) => filled.find((query) => query.refId === refId),
      live: liveService(),
      patience: this.patience,
    });
  }

  applyTemplateVariables(query: RingsideQuery, scoped: ScopedVars): RingsideQuery {
    const filled = fillQuery(query, this.templates, scoped);
    return filled.sql ? { ...filled, sql: fillSql(filled.sql, this.templates, scoped) } : filled;
  }

  /** For server-side expressions, alert rules and Explore, none of which can follow a stream. */
  interpolateVariablesInQueries(queries: RingsideQuery[], scoped: ScopedVars): RingsideQuery[] {
    return queries.map((query) => withoutStream(this.applyTemplateVariables(query, scoped)));
  }

  lookUp(name: LookupName, filter: LookupFilter = {}): Promise<Named[]> {
    return lookUp(this.resource, name, {
      ...filter,
      organizations: fillIds(filter.organizations, this.templates),
      groups: fillIds(filter.groups, this.templates),
      queues: fillIds(filter.queues, this.templates),
    });
  }

  async lookUpVariable(query: VariableQuery | undefined, scoped?: ScopedVars): Promise<Named[]> {
    if (!query?.lookup) {
      return [];
    }
    return lookUp(this.resource, query.lookup, {
      organizations: fillIds(query.organizations, this.templates, scoped),
      groups: fillIds(query.groups, this.templates, scoped),
      queues: fillIds(query.queues, this.templates, scoped),
      search: query.search && this.templates.replace(query.search, scoped),
      limit: variableLimit,
    });
  }

  /** The dashboard's variables, to be chosen where ids are. */
  variableNames(): string[] {
    return this.templates.getVariables().map((variable) => `$${variable.name}`);
  }

  private readonly resource: GetResource = (path, params) => this.getResource(path, params);

  private inContext(query: RingsideQuery, request: DataQueryRequest<RingsideQuery>): RingsideQuery {
    // It decides which days a range covers, too. Streams have no range, and viewers in several zones share them.
    const inZone = viewOf(query.kind, query.view)?.streams ? query : { ...query, dashboardTimeZone: ianaZone(request.timezone) };
    return still.includes(request.app) ? withoutStream(inZone) : inZone;
  }
}

function withoutStream(query: RingsideQuery): RingsideQuery {
  return { ...query, stream: false };
}

function streams(query: RingsideQuery): boolean {
  return query.stream !== false && Boolean(viewOf(query.kind, query.view)?.streams);
}

/** None on public dashboards, and where the administrator has turned Live off. */
function liveService(): GrafanaLiveSrv | undefined {
  return config.publicDashboardAccessToken || !config.liveEnabled ? undefined : getGrafanaLiveSrv();
}
