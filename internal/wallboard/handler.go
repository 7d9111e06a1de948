package wallboard

import (
	"embed"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"net/http"
	"path"

	"github.com/cespare/xxhash/v2"
)

//go:embed assets
var files embed.FS

// policy lets the page load what this server serves, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

// asset is one file of the page.
type asset struct {
	kind, tag string
	body      []byte
}

var kinds = map[string]string{".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
	".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

// assets are the files by name, and build is a mark of all of them.
var assets, build = loadAssets()

func loadAssets() (map[string]asset, string) {
	loaded := map[string]asset{}
	whole := xxhash.New()
	err := fs.WalkDir(files, "assets", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		_, _ = whole.Write(body) // a hash takes everything
		sum := xxhash.Sum64(body)
		tag := hex.EncodeToString([]byte{byte(sum), byte(sum >> 8), byte(sum >> 16), byte(sum >> 24), byte(sum >> 32), byte(sum >> 40)})
		loaded[path.Base(name)] = asset{kind: kinds[path.Ext(name)], tag: `"` + tag + `"`, body: body}
		return nil
	})
	if err != nil {
		panic("BUG: the embedded page cannot be read: " + err.Error())
	}
	return loaded, hex.EncodeToString(whole.Sum(nil))
}

// Paths are the patterns under which Handler is to be mounted.
func Paths() []string { return []string{"GET /{$}", "GET /wallboard/"} }

// Handler serves the page at /, its files, the present figures at /wallboard/state, and their changes at
// /wallboard/events. Nothing that it serves changes anything.
func (b *Board) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { serveAsset(w, r, "index.html") })
	mux.HandleFunc("GET /wallboard/{file}", func(w http.ResponseWriter, r *http.Request) { serveAsset(w, r, r.PathValue("file")) })
	mux.HandleFunc("GET /wallboard/state", b.serveState)
	mux.HandleFunc("GET /wallboard/events", b.serveEvents)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		mux.ServeHTTP(w, r)
	})
}

func serveAsset(w http.ResponseWriter, r *http.Request, name string) {
	a, ok := assets[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("ETag", a.tag)
	h.Set("Cache-Control", "no-cache") // asked for each time, answered with 304: a new version shows at once
	if r.Header.Get("If-None-Match") == a.tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(a.body) // the reader may have gone
}

// serveState answers with one snapshot, for scripts.
func (b *Board) serveState(w http.ResponseWriter, r *http.Request) {
	s, err := parseSelection(r.URL.Query())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(b.newView(s).snapshot()) // the reader may have gone
}
