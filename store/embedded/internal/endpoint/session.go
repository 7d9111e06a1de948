package endpoint

import (
	"strings"

	"ringside/store/embedded/internal/chdb"
)

// session opens a connection set up as the request asks.
func (s *Server) session(q *request, r *running) (*chdb.Conn, error) {
	conn, err := s.library.Connect(append(append([]string(nil), s.cfg.Arguments...), "--log_comment="+r.comment)...)
	if err != nil {
		return nil, err
	}
	if err := setUp(conn, q); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

func setUp(conn *chdb.Conn, q *request) error {
	if q.database != "" {
		if err := conn.Exec("USE " + quoteName(q.database)); err != nil {
			return err
		}
	}
	if len(q.settings) == 0 {
		return nil
	}
	set := make([]string, len(q.settings))
	for i, p := range q.settings {
		set[i] = p.Name + " = " + quote(p.Value)
	}
	return conn.Exec("SET " + strings.Join(set, ", "))
}
