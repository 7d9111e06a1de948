package datasource

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"

	"github.com/google/uuid"

	"ringside/grafana-plugin/pkg/catalogue"
	"ringside/grafana-plugin/pkg/model"
	"ringside/store/query"
)

var (
	errForeign = errors.New("none of the organizations asked for can be seen through this data source")
	errSQL     = errors.New("SQL is not allowed: the data source is pinned to organizations. An administrator may declare in its settings that the ClickHouse user has row policies")
)

// organizations are those whose rows may be seen: of the ones asked for, the ones that the data source is pinned to. What is
// beyond is left out; where nothing remains, that is an error, and names nothing.
func (i *Instance) organizations(asked []uuid.UUID) (list []uuid.UUID, all bool, err error) {
	switch pinned := i.settings.Organizations; {
	case !i.settings.Pinned:
		return asked, len(asked) == 0, nil
	case len(asked) == 0:
		return pinned, false, nil
	default:
		for _, id := range asked {
			if slices.Contains(pinned, id) {
				list = append(list, id)
			}
		}
		if len(list) == 0 {
			return nil, false, errForeign
		}
		return list, false, nil
	}
}

// filter is what a query may see of what it asks for.
func (i *Instance) filter(q *model.Query) (query.Filter, error) {
	if q.Kind == catalogue.SQL && i.settings.Pinned && !i.settings.RowPolicies {
		return query.Filter{}, errSQL
	}
	organizations, all, err := i.organizations(q.Organizations)
	if err != nil {
		return query.Filter{}, err
	}
	return query.Filter{Organizations: organizations, AllOrganizations: all, Queues: q.Queues, Groups: q.Groups, Agents: q.Agents, CallLists: q.CallLists}, nil
}

// pathPrefix begins the paths of streams.
const pathPrefix = "q/"

// path is where a query's stream is: of everything that decides who may see it and what it is. Who cannot tell the query and
// the scope cannot tell the path, and a path fits no other query.
func (i *Instance) path(q *model.Query) string {
	pins := slices.Clone(i.settings.Organizations)
	slices.SortFunc(pins, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	scope, err := json.Marshal([]any{i.settings.Address, i.settings.Path, i.settings.Username, i.settings.Database, i.settings.Pinned, pins, string(q.Canonical())})
	if err != nil {
		panic("BUG: a scope cannot be written: " + err.Error())
	}
	sum := sha256.Sum256(scope)
	return pathPrefix + hex.EncodeToString(sum[:16])
}
