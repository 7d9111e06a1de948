-- Row policies for a user who shall see certain organizations and no others: the second wall behind a data source that is
-- pinned to them, and the condition under which its users may write SQL of their own (rowPolicies: true in its settings).
-- Put your own in the place of what stands between @ signs, once for each tenant:
--
--   sed -e 's/@TENANT@/acme/g' -e "s/@TENANT_SHA256@/$(printf %s "$PASSWORD" | sha256sum | cut -c1-64)/" \
--       -e "s/@ORGANIZATIONS@/toUUID('6f9619ff-8b86-4d01-b42d-00cf4fc964ff')/g" row-policies.sql | clickhouse-client --multiquery
--
-- roles.sql comes before. The policies are on the tables; every view reads its tables as who asks (SQL SECURITY INVOKER), so
-- they hold in the views, too. Being restrictive, they cannot be widened by another policy. Who has no policy goes on seeing
-- everything, unless the server says otherwise (users_without_row_policies_can_read_rows: false): then the user of the engine,
-- who must see all rows, needs a policy that lets everything through. Run it again after an upgrade of Ringside: a new
-- version may have new tables.
CREATE ROLE IF NOT EXISTS ringside_tenant_@TENANT@ SETTINGS PROFILE 'ringside_reader';
CREATE USER IF NOT EXISTS grafana_@TENANT@ IDENTIFIED WITH sha256_hash BY '@TENANT_SHA256@' DEFAULT ROLE ringside_reader, ringside_tenant_@TENANT@;
GRANT ringside_reader, ringside_tenant_@TENANT@ TO grafana_@TENANT@;

CREATE ROW POLICY OR REPLACE ringside_tenant_@TENANT@ ON ringside.events_versions
    FOR SELECT USING organization_id IN (@ORGANIZATIONS@) AS RESTRICTIVE TO ringside_tenant_@TENANT@;
CREATE ROW POLICY OR REPLACE ringside_tenant_@TENANT@ ON ringside.calls_versions
    FOR SELECT USING organization_id IN (@ORGANIZATIONS@) AS RESTRICTIVE TO ringside_tenant_@TENANT@;
CREATE ROW POLICY OR REPLACE ringside_tenant_@TENANT@ ON ringside.accounting_versions
    FOR SELECT USING organization_id IN (@ORGANIZATIONS@) AS RESTRICTIVE TO ringside_tenant_@TENANT@;
CREATE ROW POLICY OR REPLACE ringside_tenant_@TENANT@ ON ringside.queue_status_versions
    FOR SELECT USING organization_id IN (@ORGANIZATIONS@) AS RESTRICTIVE TO ringside_tenant_@TENANT@;
CREATE ROW POLICY OR REPLACE ringside_tenant_@TENANT@ ON ringside.queue_status_now_versions
    FOR SELECT USING organization_id IN (@ORGANIZATIONS@) AS RESTRICTIVE TO ringside_tenant_@TENANT@;
CREATE ROW POLICY OR REPLACE ringside_tenant_@TENANT@ ON ringside.agent_status_versions
    FOR SELECT USING organization_id IN (@ORGANIZATIONS@) AS RESTRICTIVE TO ringside_tenant_@TENANT@;
CREATE ROW POLICY OR REPLACE ringside_tenant_@TENANT@ ON ringside.agent_status_now_versions
    FOR SELECT USING organization_id IN (@ORGANIZATIONS@) AS RESTRICTIVE TO ringside_tenant_@TENANT@;
CREATE ROW POLICY OR REPLACE ringside_tenant_@TENANT@ ON ringside.queue_daily_call_metrics_versions
    FOR SELECT USING organization_id IN (@ORGANIZATIONS@) AS RESTRICTIVE TO ringside_tenant_@TENANT@;
CREATE ROW POLICY OR REPLACE ringside_tenant_@TENANT@ ON ringside.queue_interval_metrics_versions
    FOR SELECT USING organization_id IN (@ORGANIZATIONS@) AS RESTRICTIVE TO ringside_tenant_@TENANT@;
CREATE ROW POLICY OR REPLACE ringside_tenant_@TENANT@ ON ringside.late_events_versions
    FOR SELECT USING organization_id IN (@ORGANIZATIONS@) AS RESTRICTIVE TO ringside_tenant_@TENANT@;
CREATE ROW POLICY OR REPLACE ringside_tenant_@TENANT@ ON ringside.rejects_versions
    FOR SELECT USING organization_id IN (@ORGANIZATIONS@) AS RESTRICTIVE TO ringside_tenant_@TENANT@;
CREATE ROW POLICY OR REPLACE ringside_tenant_@TENANT@ ON ringside.queues_versions
    FOR SELECT USING organization_id IN (@ORGANIZATIONS@) AS RESTRICTIVE TO ringside_tenant_@TENANT@;
CREATE ROW POLICY OR REPLACE ringside_tenant_@TENANT@ ON ringside.agents_versions
    FOR SELECT USING organization_id IN (@ORGANIZATIONS@) AS RESTRICTIVE TO ringside_tenant_@TENANT@;
CREATE ROW POLICY OR REPLACE ringside_tenant_@TENANT@ ON ringside.organizations_versions
    FOR SELECT USING organization_id IN (@ORGANIZATIONS@) AS RESTRICTIVE TO ringside_tenant_@TENANT@;
CREATE ROW POLICY OR REPLACE ringside_tenant_@TENANT@ ON ringside.checkpoints_versions
    FOR SELECT USING organization_id IN (@ORGANIZATIONS@) AS RESTRICTIVE TO ringside_tenant_@TENANT@;
CREATE ROW POLICY OR REPLACE ringside_tenant_@TENANT@ ON ringside.callbacks_versions
    FOR SELECT USING organization_id IN (@ORGANIZATIONS@) AS RESTRICTIVE TO ringside_tenant_@TENANT@;
CREATE ROW POLICY OR REPLACE ringside_tenant_@TENANT@ ON ringside.callback_list_status_versions
    FOR SELECT USING organization_id IN (@ORGANIZATIONS@) AS RESTRICTIVE TO ringside_tenant_@TENANT@;
CREATE ROW POLICY OR REPLACE ringside_tenant_@TENANT@ ON ringside.callback_list_status_now_versions
    FOR SELECT USING organization_id IN (@ORGANIZATIONS@) AS RESTRICTIVE TO ringside_tenant_@TENANT@;
CREATE ROW POLICY OR REPLACE ringside_tenant_@TENANT@ ON ringside.agent_interval_metrics_versions
    FOR SELECT USING organization_id IN (@ORGANIZATIONS@) AS RESTRICTIVE TO ringside_tenant_@TENANT@;
CREATE ROW POLICY OR REPLACE ringside_tenant_@TENANT@ ON ringside.queue_changes_versions
    FOR SELECT USING organization_id IN (@ORGANIZATIONS@) AS RESTRICTIVE TO ringside_tenant_@TENANT@;
CREATE ROW POLICY OR REPLACE ringside_tenant_@TENANT@ ON ringside.queue_attachments_versions
    FOR SELECT USING organization_id IN (@ORGANIZATIONS@) AS RESTRICTIVE TO ringside_tenant_@TENANT@;
CREATE ROW POLICY OR REPLACE ringside_tenant_@TENANT@ ON ringside.seen_names_versions
    FOR SELECT USING organization_id IN (@ORGANIZATIONS@) AS RESTRICTIVE TO ringside_tenant_@TENANT@;
CREATE ROW POLICY OR REPLACE ringside_tenant_@TENANT@ ON ringside.callback_lists_versions
    FOR SELECT USING organization_id IN (@ORGANIZATIONS@) AS RESTRICTIVE TO ringside_tenant_@TENANT@;
CREATE ROW POLICY OR REPLACE ringside_tenant_@TENANT@ ON ringside.reconciliation_versions
    FOR SELECT USING organization_id IN (@ORGANIZATIONS@) AS RESTRICTIVE TO ringside_tenant_@TENANT@;
