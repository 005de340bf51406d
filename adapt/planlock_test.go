package adapt

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"framepilot/internal/fault"
)

// locked runs the plan in dir as --locked does.
func locked(t *testing.T, dir string, change func(*session)) (Summary, error) {
	t.Helper()
	s := newSession()
	s.opt.Locked = true
	if change != nil {
		change(s)
	}
	return s.run(context.Background(), t, dir)
}

func readFile(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestLockIsWrittenOnceAndHolds(t *testing.T) {
	dir := newPilot(t)
	sum, _ := mustRun(t, dir)
	file := filepath.Join(dir, "plan.lock")
	if sum.Lock == nil || sum.Lock.Status != LockNew || sum.Lock.File != file {
		t.Fatalf("first run: %+v", sum.Lock)
	}
	text, before := readFile(t, file), tree(t, dir)
	for _, want := range []string{"[data.night]\nclips = 24\n", `decoder = "go`, `"shots 2" = "`, `"split night" = "`, strings.Repeat("ab", 32), "[machine]"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, dir) {
		t.Error("the lock says where the pilot lies")
	}
	again, err := locked(t, dir, nil)
	if err != nil || again.Lock.Status != LockSame || !again.Unchanged() {
		t.Errorf("locked: %+v, %v", again.Lock, err)
	}
	if readFile(t, file) != text || !strings.Contains(tree(t, dir), strings.Split(before, "\n")[0]) {
		t.Error("a locked run changed the lock")
	}
}

// What changes no number changes no lock: the folder, the clock, the number of
// workers, the size of batches, the report's names.
func TestLockIsTheSameElsewhere(t *testing.T) {
	dir, other := newPilot(t), newPilot(t)
	mustRun(t, dir)
	write(t, filepath.Join(other, "plan.toml"), strings.NewReplacer("batch = 4", "batch = 7\nworkers = 2", "Does it see", "Can it see",
		`"report.md", `, "", `max_failed = "0%"`, `max_failed = "5%"`).Replace(testPlan))
	mustRun(t, other)
	if a, b := readFile(t, LockFile(filepath.Join(dir, "plan.toml"))), readFile(t, LockFile(filepath.Join(other, "plan.toml"))); a != b {
		t.Errorf("one folder's lock\n%s\nthe other's\n%s", a, b)
	}
}

func TestLockedRefusesDrift(t *testing.T) {
	plan := func(old, to string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			text := strings.Replace(testPlan, old, to, 1)
			if text == testPlan {
				t.Fatalf("no %q in the plan", old)
			}
			write(t, filepath.Join(dir, "plan.toml"), text)
		}
	}
	clip := func(dir string) string { return filepath.Join(dir, "day", "lift", "rec00_0.gif") }
	for name, c := range map[string]struct {
		change  func(t *testing.T, dir string)
		session func(*session)
		want    []string
	}{
		"seed":           {plan("seed = 7", "seed = 8"), nil, []string{": 1 change since", "seeds.plan: 7 → 8; set seed = 7"}},
		"split":          {plan(`train = "day"`, `train = "night"`), nil, []string{"plan.split: "}},
		"methods":        {plan("shots = [2, 0]", "shots = [2]"), nil, []string{": 1 change since", "plan.method logistic: "}},
		"another method": {plan("[[method]]", "[[method]]\nname = \"ridge\"\n[[method]]"), nil, []string{": 2 changes since", "plan.method ridge: nothing → ", "plan.methods: "}},
		"prompts":        {plan("{} of a part", "{} of one part"), nil, []string{"plan.prompts: "}},
		"an edited clip": {func(t *testing.T, dir string) {
			write(t, clip(dir), readFile(t, filepath.Join(dir, "day", "put", "rec00_0.gif")))
		}, nil, []string{"data.day.content: "}},
		"a lost clip": {func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "night", "lift", "rec03_1.gif")); err != nil {
				t.Fatal(err)
			}
		}, nil, []string{"data.night.clips: 24 → 23; restore the clips of this site, with their names", "data.night.content: ", "data.night.labels: "}},
		"another label": {func(t *testing.T, dir string) {
			if err := os.Rename(filepath.Join(dir, "night", "turn", "rec03_1.gif"), filepath.Join(dir, "night", "put", "rec09_1.gif")); err != nil {
				t.Fatal(err)
			}
		}, nil, []string{"data.night.labels: "}},
		"decoder": {nil, func(s *session) { s.opt.Reader = &fakeReader{} }, []string{"program.decoder: go", "→ fake; use the version the lock names"}},
		"program": {nil, func(s *session) { s.opt.Environment = map[string]string{"framepilot": "2.0"} }, []string{"program.framepilot: nothing → 2.0"}},
		"precision": {nil, func(s *session) {
			s.opt.Open = openFake("fake", map[string]string{"arch": "fake", "precision": "fp32"})
		}, []string{"model.precision: nothing → fp32"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := newPilot(t)
			mustRun(t, dir)
			if c.change != nil {
				c.change(t, dir)
			}
			before := tree(t, dir)
			sum, err := locked(t, dir, c.session)
			if fault.KindOf(err) != fault.Config {
				t.Fatalf("got %v", err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("no %q in %v", want, err)
				}
			}
			if sum.Lock.Status != LockChanged || len(sum.Lock.Changes) == 0 {
				t.Errorf("summary %+v", sum.Lock)
			}
			if after := tree(t, dir); strings.Contains(after, "plan.lock") && lineOf(after, "plan.lock") != lineOf(before, "plan.lock") {
				t.Error("the lock was rewritten")
			}
		})
	}
}

// lineOf is the line of a tree that names the file.
func lineOf(tree, file string) string {
	for line := range strings.Lines(tree) {
		if strings.Contains(line, file) {
			return line
		}
	}
	return ""
}

// openFake opens the fake model under other parameters.
func openFake(key string, params map[string]string) func(context.Context, ModelPlan) (Embedder, error) {
	return func(context.Context, ModelPlan) (Embedder, error) {
		return parameterised{&fakeModel{key: key}, params}, nil
	}
}

type parameterised struct {
	*fakeModel
	params map[string]string
}

func (m parameterised) Info() ModelInfo {
	info := m.fakeModel.Info()
	info.Params = m.params
	return info
}

// Another kernel moves the last bits only: a locked run says so and goes on.
func TestLockedOnAnotherMachine(t *testing.T) {
	dir := newPilot(t)
	s := newSession()
	s.opt.Open = openFake("", map[string]string{"kernel": "one"})
	if _, err := s.run(context.Background(), t, dir); err != nil {
		t.Fatal(err)
	}
	text := readFile(t, filepath.Join(dir, "plan.lock"))
	sum, err := locked(t, dir, func(s *session) { s.opt.Open = openFake("other bits", map[string]string{"kernel": "two"}) })
	if err != nil || sum.Computed != 48 {
		t.Fatalf("%+v, %v", sum, err)
	}
	if all := strings.Join(sum.Warnings, "\n"); !strings.Contains(all, "numbers may differ in their last digits: machine.kernel: one → two") {
		t.Errorf("warnings: %s", all)
	}
	if readFile(t, filepath.Join(dir, "plan.lock")) != text {
		t.Error("a locked run changed the lock")
	}
}

func TestRunSaysWhatChangedAndRewrites(t *testing.T) {
	dir := newPilot(t)
	mustRun(t, dir)
	write(t, filepath.Join(dir, "plan.toml"), strings.Replace(testPlan, "seed = 7", "seed = 8", 1))
	sum, _ := mustRun(t, dir)
	if sum.Lock.Status != LockChanged || !strings.Contains(readFile(t, sum.Lock.File), `plan = "8"`) {
		t.Errorf("%+v", sum.Lock)
	}
	if _, err := locked(t, dir, nil); err != nil {
		t.Errorf("locked after the rewrite: %v", err)
	}
}

func TestLockErrors(t *testing.T) {
	dir := newPilot(t)
	if _, err := locked(t, dir, nil); fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), "no "+filepath.Join(dir, "plan.lock")) {
		t.Errorf("no lock: %v", err)
	}
	for name, c := range map[string][2]string{
		"merge marks":    {"schema = 1\n<<<<<<< HEAD\n", "plan.lock:2: "},
		"another schema": {"schema = 2\n", "schema 2, this program reads 1"},
		"unknown key":    {"schema = 1\n[modl]\nsha256 = \"x\"\n", "unknown key modl"},
		"wrong type":     {"schema = 1\n[data.day]\nclips = \"many\"\n", "clips"},
		"nothing":        {"", "schema 0"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := newPilot(t)
			write(t, filepath.Join(dir, "plan.lock"), c[0])
			if _, err := locked(t, dir, nil); fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), c[1]) {
				t.Errorf("locked: %v", err)
			}
			sum, _ := mustRun(t, dir)
			if sum.Lock.Status != LockNew || !strings.Contains(strings.Join(sum.Warnings, "\n"), c[1]) {
				t.Errorf("unlocked: %+v, warnings %q", sum.Lock, sum.Warnings)
			}
		})
	}
}

func FuzzLock(f *testing.F) {
	f.Add("schema = 1\n[data.\"a.b\"]\nclips = 3\ncontent = \"00\"\nlabels = \"\"\n[seeds]\n\"split x\" = \"7\"\n")
	f.Add("schema = 1\nplan = 1979-05-27\n")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := parseLock("plan.lock", text)
		if err != nil {
			if fault.KindOf(err) != fault.Config || !strings.HasPrefix(err.Error(), "lock plan.lock") {
				t.Errorf("error %q", err)
			}
			return
		}
		path := filepath.Join(t.TempDir(), "plan.lock")
		if err := l.write(path, "plan.toml"); err != nil {
			t.Fatal(err)
		}
		back, err := readLock(path)
		if err != nil || len(l.drift(back)) > 0 {
			t.Errorf("written and read: %v, %v", err, l.drift(back))
		}
	})
}
