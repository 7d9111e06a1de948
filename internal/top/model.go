package top

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

const (
	pollEvery   = time.Second
	sampleEvery = 5 * time.Second // of the centre's time; 24 samples: the trail covers two minutes
)

// Source reads the present figures.
type Source func(ctx context.Context) (Snapshot, error)

type model struct {
	ctx    context.Context
	source Source

	snapshot Snapshot
	loaded   bool
	err      error             // of the last poll; the figures before it stay on the screen
	wall     time.Time         // of the last tick
	now      time.Time         // the centre's present, see Snapshot.Present
	sampled  time.Time         // the centre's instant of the last sample
	trails   map[string]*trail // by queue id; only of queues in the snapshot

	width, height, scroll int
	order                 Order
	filter                string
	filtering, help       bool
}

type (
	tickMsg time.Time
	loadMsg struct {
		snapshot Snapshot
		err      error
	}
)

// Run shows the wallboard until the user quits or ctx ends.
func Run(ctx context.Context, source Source, in io.Reader, out io.Writer) error {
	m := newModel(ctx, source)
	_, err := tea.NewProgram(m, tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(out), tea.WithAltScreen(),
		tea.WithoutSignalHandler()).Run()
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("terminal: %w", err)
	}
	return nil
}

func newModel(ctx context.Context, source Source) *model {
	return &model{ctx: ctx, source: source, wall: time.Now(), trails: map[string]*trail{}, width: 120, height: 30}
}

// Init implements tea.Model.
func (m *model) Init() tea.Cmd { return tea.Batch(m.load, tick()) }

func tick() tea.Cmd { return tea.Tick(pollEvery, func(t time.Time) tea.Msg { return tickMsg(t) }) }

func (m *model) load() tea.Msg {
	ctx, cancel := context.WithTimeout(m.ctx, 10*time.Second)
	defer cancel()
	s, err := m.source(ctx)
	return loadMsg{s, err}
}

// Update implements tea.Model. A poll begins a second after the one before it has ended, so that a slow store is not
// asked more than one thing at a time; the screen ticks on its own.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case tickMsg:
		m.wall = time.Time(msg)
		m.now = m.snapshot.Present(m.wall)
		return m, tick()
	case loadMsg:
		m.take(msg)
		return m, tea.Tick(pollEvery, func(time.Time) tea.Msg { return m.load() })
	case tea.KeyMsg:
		if m.filtering {
			m.filterKey(msg)
			return m, nil
		}
		return m, m.key(msg)
	}
	return m, nil
}

func (m *model) take(msg loadMsg) {
	m.err = msg.err
	if msg.err != nil {
		return
	}
	m.snapshot, m.loaded = msg.snapshot, true
	m.now = m.snapshot.Present(m.wall)
	if steps := m.steps(); steps > 0 {
		m.sample(steps)
	}
}

// steps counts the samples that are due by the centre's clock.
func (m *model) steps() int {
	if m.sampled.IsZero() {
		m.sampled = m.now
		return 1
	}
	steps := m.now.Sub(m.sampled) / sampleEvery
	m.sampled = m.sampled.Add(steps * sampleEvery)
	return int(min(steps, trailLength))
}

// sample adds the callers waiting now to the trails; several steps have passed where the clock runs fast.
func (m *model) sample(steps int) {
	trails := make(map[string]*trail, len(m.snapshot.Queues))
	for i := range m.snapshot.Queues {
		q := &m.snapshot.Queues[i]
		t := m.trails[q.ID]
		if t == nil {
			t = &trail{}
			for _, waiting := range m.snapshot.Past[q.ID] {
				t.add(waiting)
			}
		}
		for range steps {
			t.add(max(q.Waiting, 0))
		}
		trails[q.ID] = t
	}
	m.trails = trails
}

func (m *model) shown() []Queue {
	shown := slices.Clone(Filter(m.snapshot.Queues, m.filter))
	Sort(shown, m.order, m.now)
	return shown
}

func (m *model) key(k tea.KeyMsg) tea.Cmd {
	page := max(m.height-5, 1)
	switch k.String() {
	case "q", "ctrl+c":
		return tea.Quit
	case "s":
		m.order = (m.order + 1) % numOrders
	case "S":
		m.order = (m.order + numOrders - 1) % numOrders
	case "/":
		m.filtering = true
	case "?", "h":
		m.help = !m.help
	case "esc":
		m.filter, m.help = "", false
	case "up", "k":
		m.scroll--
	case "down", "j":
		m.scroll++
	case "pgup":
		m.scroll -= page
	case "pgdown", " ":
		m.scroll += page
	case "home", "g":
		m.scroll = 0
	case "end", "G":
		m.scroll = max(len(m.snapshot.Queues), len(m.snapshot.Agents))
	}
	m.scroll = max(m.scroll, 0) // View holds it below the end
	return nil
}

func (m *model) filterKey(k tea.KeyMsg) {
	switch k.Type {
	case tea.KeyEnter:
		m.filtering = false
	case tea.KeyEsc, tea.KeyCtrlC:
		m.filtering, m.filter = false, ""
	case tea.KeyBackspace:
		if r := []rune(m.filter); len(r) > 0 {
			m.filter = string(r[:len(r)-1])
		}
	case tea.KeyRunes, tea.KeySpace:
		m.filter += string(k.Runes)
	}
	m.scroll = 0
}
