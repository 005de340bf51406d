package tui

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"framepilot/adapt"
	"framepilot/internal/lang"
	"framepilot/pilot"
	"framepilot/tui/page"
)

// Clip is where a clip is: a file, or a time range in one.
type Clip struct {
	Path       string
	Start, End float64 // seconds into the file; End 0 = to its end
}

// Player is what shows a video on this system.
type Player struct {
	Program string                                       // such as xdg-open; "" where there is none
	Why     string                                       // why there is none, as a message id below "play.no"
	Open    func(ctx context.Context, path string) error // starts it and does not wait for it
}

// clips looks at what a recipe got wrong, clip by clip.
type clips struct {
	shown bool
	list  list
	sheet sheets
}

// sheets are frames of clips, fetched one clip at a time, and kept for those
// looked at last.
type sheets struct {
	kept  map[string]page.Picture // by id of the clip
	order []string                // of ids, the oldest first
	busy  bool
}

// maxSheets is how many clips' frames are kept, frames is how many there are
// of each.
const (
	maxSheets = 32
	frames    = 4
)

// sheetRead is what fetching brings back.
type sheetRead struct {
	dir, clip string
	picture   page.Picture
}

// fetch fetches the frames of a clip, unless they are there or others are
// under way.
func (s *sheets) fetch(a *App, id string) []Task {
	if _, have := s.kept[id]; have || s.busy || a.o.Frames == nil || id == "" {
		return nil
	}
	s.busy = true
	got := sheetRead{dir: a.dir, clip: id}
	got.picture.Text = a.text("clips.frames", lang.Args{"N": frames})
	gone, language := a.text("clips.gone"), a.o.Language
	return []Task{func(ctx context.Context) any {
		clip := clipAt(got.dir, id)
		if _, err := os.Stat(clip.Path); errors.Is(err, fs.ErrNotExist) {
			got.picture = page.Picture{Text: gone}
			return got
		}
		p, err := a.o.Frames(ctx, clip, frames)
		if err != nil {
			got.picture = page.Picture{Text: language.Error(err)}
			return got
		}
		p.Text = got.picture.Text
		got.picture = p
		return got
	}}
}

// take keeps what was fetched.
func (s *sheets) take(r sheetRead) {
	s.busy = false
	if s.kept == nil {
		s.kept = map[string]page.Picture{}
	}
	s.kept[r.clip] = r.picture
	if s.order = append(s.order, r.clip); len(s.order) > maxSheets {
		delete(s.kept, s.order[0])
		s.order = s.order[1:]
	}
}

// clipAt is where the clip of an id is, of a pilot in dir.
func clipAt(dir, id string) Clip {
	file, start, end := adapt.ParseID(id)
	if !filepath.IsAbs(file) {
		file = filepath.Join(dir, file)
	}
	return Clip{file, start, end}
}

// mistaken are the clips a result got wrong, the surest first.
func mistaken(r pilot.Result) []pilot.Prediction {
	var wrong []pilot.Prediction
	for _, p := range r.Predictions {
		if p.Mistaken() {
			wrong = append(wrong, p)
		}
	}
	slices.SortStableFunc(wrong, func(a, b pilot.Prediction) int {
		return cmp.Or(cmp.Compare(b.P, a.P), strings.Compare(a.Clip, b.Clip))
	})
	return wrong
}

// wrong is what the page is about: the recipe under the cursor of Compare.
func (c *clips) wrong(a *App, s *compareScreen) (r pilot.Result, list []pilot.Prediction) {
	m, ok := s.chosen(a)
	if !ok {
		return r, nil
	}
	return m.middle, mistaken(m.middle)
}

// chosen is the clip under the cursor.
func (c *clips) chosen(a *App, s *compareScreen) (p pilot.Prediction, ok bool) {
	_, list := c.wrong(a, s)
	if i, ok := c.list.chosen(); ok && i < len(list) {
		return list[i], true
	}
	return p, false
}

// action leads here from the recipes.
func (c *clips) action(a *App, s *compareScreen) page.Action {
	x := page.Action{Key: "enter", Label: a.text("clips.open")}
	if _, list := c.wrong(a, s); len(list) == 0 {
		x.Why = a.text("clips.none")
	}
	return x
}

// look fetches what is to be seen of the clip under the cursor.
func (c *clips) look(a *App, s *compareScreen) []Task {
	p, ok := c.chosen(a, s)
	if !ok || !c.shown {
		return nil
	}
	return c.sheet.fetch(a, p.Clip)
}

func (c *clips) key(a *App, s *compareScreen, key string) []Task {
	if c.list.key(key) {
		c.page(a, s) // the cursor's place follows from what is shown
		return c.look(a, s)
	}
	p, ok := c.chosen(a, s)
	switch {
	case key == "enter" || key == "esc":
		c.shown = false
	case !ok:
	case key == "o":
		path := clipAt(a.dir, p.Clip).Path
		a.status = a.text("play.opened", lang.Args{"Path": path})
		return []Task{func(ctx context.Context) any { return played{a.o.Player.Open(ctx, path)} }}
	case key == "x":
		return a.askDoubt(p, nil)
	case key == "m":
		r, _ := c.wrong(a, s)
		if r.Several() {
			return a.askDoubt(p, []string{})
		}
		return a.askDoubt(p, slices.DeleteFunc(slices.Clone(r.Classes), func(class string) bool { return class == p.Truth }))
	case key == "u":
		return a.askNoDoubt(p)
	case key == "p":
		a.clip = absolute(clipAt(a.dir, p.Clip).Path)
		a.status = a.text("clips.copied", lang.Args{"Path": a.clip})
	}
	return nil
}

// played is what became of a player that was started.
type played struct{ err error }

// absolute is a path that holds in any folder.
func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}

func (c *clips) page(a *App, s *compareScreen) page.Page {
	r, wrong := c.wrong(a, s)
	t := page.Table{
		Name:  a.text("clips.title", lang.Args{"Recipe": r.Recipe(), "Site": r.Site, "N": len(wrong), "Of": len(r.Predictions)}),
		Empty: a.text("compare.no_mistake"),
		Columns: []page.Column{{Head: a.text("compare.clip")}, {Head: a.text("compare.is")}, {Head: a.text("compare.said")},
			{Head: a.text("compare.sure"), Right: true, Rank: 1}, {Head: a.text("doubt.head"), Rank: 2}},
	}
	for _, p := range wrong {
		mark := ""
		if d := a.doubt(p.Clip); d != nil {
			mark = cmp.Or(d.Doubt.Shows, a.text("doubt.unfit"))
		}
		t.Rows = append(t.Rows, page.Row{Cells: []string{p.Clip, p.Truth, p.Predicted, percent(p.P), mark}})
	}
	t = c.list.table(a, t)
	out := page.Page{Blocks: []page.Block{t}}
	p, ok := c.chosen(a, s)
	if !ok {
		out.Actions = []page.Action{{Key: "esc", Label: a.text("palette.leave")}}
		return out
	}
	if picture, ok := c.sheet.kept[p.Clip]; ok {
		out.Right = append(out.Right, picture)
	} else if a.o.Frames != nil {
		out.Right = append(out.Right, page.Text{Text: a.text("app.reading"), Tone: page.Dim})
	}
	out.Right = append(out.Right, c.about(a, p))
	line := func(args ...string) string {
		return a.o.Commands.Line(append([]string{"pilot", "doubt", p.Clip, "--reason", "TEXT", "--by", "NAME"}, args...)...)
	}
	back := page.Action{Key: "u", Label: a.text("doubt.back"), Command: line("--withdraw")}
	if a.doubt(p.Clip) == nil {
		back.Why = a.text("doubt.not_yet")
	}
	out.Actions = []page.Action{c.play(a, p), {Key: "p", Label: a.text("clips.path")},
		{Key: "x", Label: a.text("doubt.unfit"), Command: line()}, {Key: "m", Label: a.text("doubt.wrong"), Command: line("--shows", "CLASS")}, back,
		{Key: "esc", Label: a.text("palette.leave")}}
	return out
}

// about says what a clip is, and what was said of it.
func (c *clips) about(a *App, p pilot.Prediction) page.Fields {
	said := fmt.Sprintf("%s (%s)", p.Predicted, percent(p.P))
	for _, g := range p.Next {
		said += ", " + a.text("clips.next", lang.Args{"Class": g.Class, "P": percent(g.P)})
	}
	clip := clipAt(a.dir, p.Clip)
	where := clip.Path
	if clip.Start > 0 || clip.End > 0 {
		end := a.text("clips.end")
		if clip.End > 0 {
			end = fmt.Sprintf("%.1f s", clip.End)
		}
		where += "\n" + a.text("clips.range", lang.Args{"Start": fmt.Sprintf("%.1f s", clip.Start), "End": end})
	}
	f := page.Fields{Items: []page.Field{
		{Label: a.text("clips.is"), Value: p.Truth},
		{Label: a.text("clips.said"), Value: said},
		{Label: a.text("clips.file"), Value: where},
	}}
	if e := a.doubt(p.Clip); e != nil {
		id := "doubt.by"
		if e.Doubt.Shows != "" {
			id = "doubt.shows"
		}
		f.Items = append(f.Items, page.Field{Label: a.text("doubt.field"), Tone: page.Warn,
			Value: a.text(id, lang.Args{"Class": e.Doubt.Shows, "Reason": e.Doubt.Reason, "By": e.By})})
	}
	return f
}

// play starts the system's player, where there is one and a screen for it.
func (c *clips) play(a *App, p pilot.Prediction) page.Action {
	x := page.Action{Key: "o", Label: a.text("play.open"), Reads: true}
	path := clipAt(a.dir, p.Clip).Path
	switch {
	case a.o.Player.Program == "":
		x.Why = a.text("play.no." + cmp.Or(a.o.Player.Why, "program"))
	case c.sheet.kept[p.Clip].Text == a.text("clips.gone"):
		x.Why = a.text("clips.gone")
	default:
		x.Command = a.o.Player.Program + " " + Quote(path)
	}
	return x
}
