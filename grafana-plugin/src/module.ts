import { DataSourcePlugin } from '@grafana/data';
import { RingsideDataSource } from './datasource';
import { RingsideQuery, SecureSettings, Settings } from './types';

export const plugin = new DataSourcePlugin<RingsideDataSource, RingsideQuery, Settings, SecureSettings>(RingsideDataSource);
