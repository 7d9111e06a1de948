import { DataSourceInstanceSettings } from '@grafana/data';
import { DataSourceWithBackend } from '@grafana/runtime';
import { RingsideQuery, Settings } from './types';

export class RingsideDataSource extends DataSourceWithBackend<RingsideQuery, Settings> {
  constructor(settings: DataSourceInstanceSettings<Settings>) {
    super(settings);
  }
}
