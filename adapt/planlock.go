package adapt

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/google/renameio/v2"

	"framepilot/internal/fault"
	"framepilot/pilot"
)

// planLock is everything the numbers of a plan follow from, resolved: what was
// a name, a folder or "auto" in the plan is a hash or a value here. It is a
// TOML file beside the plan, sorted, to be reviewed with it.
//
// Not in it: where anything lies, when it was done, and how many workers did
// it, none of which changes a bit.
type planLock struct {
	Schema  int                   `toml:"schema"`
	Plan    map[string]string     `toml:"plan"`    // part of the plan → hash of what it asks for
	Model   map[string]string     `toml:"model"`   // weights, tokenizer, precision, how frames are made
	Program map[string]string     `toml:"program"` // versions
	Machine map[string]string     `toml:"machine"` // moves the last bits only
	Data    map[string]lockedSite `toml:"data"`    // by site
	Seeds   map[string]string     `toml:"seeds"`   // every derived seed
}

// lockedSite is the clips of one site.
type lockedSite struct {
	Clips   int    `toml:"clips"`
	Content string `toml:"content"` // one hash over the names and contents of all clips
	Labels  string `toml:"labels"`  // the same over their labels, recordings, captions and the splits they are listed with
}

const lockSchema = 1

// LockFile is where the lock of a plan lies: beside it, plan.lock for
// plan.toml.
func LockFile(plan string) string { return strings.TrimSuffix(plan, filepath.Ext(plan)) + ".lock" }

// machineParams are the model's parameters that say what computes. With the
// same precision they move the last bits of an embedding, no more.
var machineParams = []string{"device", "kernel"}

// pins resolves the plan: data is read and every clip found.
func (r *run) pins() planLock {
	info := r.model.Info()
	l := planLock{
		Schema: lockSchema,
		Plan: map[string]string{
			"sites": pin(r.data.Sites), "split": pin(r.plan.Split), "test": pin(r.plan.Test), "prompts": pin(r.plan.Prompts),
			"retrieval": pin(r.plan.Retrieval),
		},
		Model: map[string]string{
			"sha256": info.SHA256, "recipe": string(info.Frames.Recipe), "frames": strconv.Itoa(info.Frames.Frames),
			"frame_size": strconv.Itoa(info.Frames.Size), "similarity_scale": strconv.FormatFloat(info.Scale, 'g', -1, 64),
		},
		Program: map[string]string{"go": runtime.Version(), "results": strconv.Itoa(resultsVersion)},
		Machine: map[string]string{"system": runtime.GOOS + "/" + runtime.GOARCH},
		Data:    map[string]lockedSite{},
		Seeds:   r.plan.seeds(r.data.places()),
	}
	byName := map[string][]Method{}
	var names []string
	for _, m := range r.plan.Methods {
		byName[m.Name], names = append(byName[m.Name], m), append(names, m.Name)
	}
	l.Plan["methods"] = strings.Join(names, ", ") // their order; what they ask for stands by itself:
	for name, list := range byName {
		l.Plan["method "+name] = pin(list)
	}
	if v := r.o.Environment["framepilot"]; v != "" {
		l.Program["framepilot"] = v
	}
	for name, value := range info.Params {
		switch {
		case slices.Contains(machineParams, name):
			l.Machine[name] = value
		case name != "processor":
			l.Model[name] = value
		}
	}
	decoders := map[string]bool{}
	content, labels := map[string][]string{}, map[string][]string{}
	for _, j := range r.jobs {
		i := j.item
		decoders[j.decoder] = true
		content[i.Site] = append(content[i.Site], i.ID, j.content)
		labels[i.Site] = append(labels[i.Site], i.ID, i.Label, i.Group, i.listed, i.Caption) // drawn splits follow from seed and plan
	}
	delete(decoders, "") // of files that can't be read
	l.Program["decoder"] = strings.Join(sortedKeys(decoders), ", ")
	for site, list := range content {
		l.Data[site] = lockedSite{Clips: len(list) / 2, Content: pin(list), Labels: pin(labels[site])}
	}
	return l
}

// pin is the hash of a part of a plan or of a list.
func pin(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic("adapt: " + err.Error()) // plans and strings always encode
	}
	h := sha256.Sum256(text)
	return hex.EncodeToString(h[:])
}

// values are all of a lock's entries by key, e.g. data.night.content.
func (l planLock) values() map[string]string {
	out := map[string]string{}
	for table, entries := range map[string]map[string]string{
		"plan": l.Plan, "model": l.Model, "program": l.Program, lockMachine: l.Machine, "seeds": l.Seeds,
	} {
		for name, value := range entries {
			out[table+"."+name] = value
		}
	}
	for site, d := range l.Data {
		key := "data." + site
		out[key+".clips"], out[key+".content"], out[key+".labels"] = strconv.Itoa(d.Clips), d.Content, d.Labels
	}
	return out
}

// write writes the lock, whole or not at all.
func (l planLock) write(path, plan string) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# What the numbers of %s follow from, as `framepilot run` found it: keep it in git with the plan.\n"+
		"# `framepilot run --locked %[1]s` refuses to run where it would be something else.\n", filepath.Base(plan))
	e := toml.NewEncoder(&b)
	e.Indent = ""
	if err := e.Encode(l); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := renameio.WriteFile(path, b.Bytes(), 0o644); err != nil {
		return fault.Disk("write the lock", err)
	}
	return nil
}

// readLock reads a lock. The error is os.ErrNotExist where there is none.
func readLock(path string) (planLock, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return planLock{}, err
	}
	return parseLock(path, string(text))
}

func parseLock(path, text string) (planLock, error) {
	wrong := func(format string, args ...any) error {
		return fault.New(fault.Config, "take it back from git, or run once without --locked, which writes it anew", "lock "+format, args...)
	}
	var l planLock
	meta, err := toml.Decode(text, &l)
	var syntax toml.ParseError
	switch {
	case errors.As(err, &syntax):
		return planLock{}, wrong("%s:%d: %s", path, syntax.Position.Line, syntax.Message)
	case err != nil:
		return planLock{}, wrong("%s: %w", path, err)
	case l.Schema != lockSchema:
		return planLock{}, wrong("%s: schema %d, this program reads %d", path, l.Schema, lockSchema)
	case len(meta.Undecoded()) > 0:
		return planLock{}, wrong("%s: unknown key %s", path, meta.Undecoded()[0])
	}
	return l, nil
}

// Drift is one thing that is not what the lock says.
type Drift struct {
	Key  string `json:"key"`  // as in the lock, e.g. model.precision
	From string `json:"from"` // what the lock says; "" for nothing
	To   string `json:"to"`   // what it is now; "" for nothing
	Do   string `json:"do"`   // how to get back to what the lock says
}

const lockMachine = "machine"

// drift lists what differs from now, by key. Seeds that follow from another seed
// of the plan are not listed beside it.
func (l planLock) drift(now planLock) []Drift {
	from, to := l.values(), now.values()
	keys := maps.Clone(from)
	maps.Copy(keys, to)
	var list []Drift
	for _, key := range sortedKeys(keys) {
		follows := key != "seeds.plan" && strings.HasPrefix(key, "seeds.") && from["seeds.plan"] != to["seeds.plan"]
		if from[key] != to[key] && !follows {
			list = append(list, Drift{key, from[key], to[key], remedy(key, from[key])})
		}
	}
	return list
}

// remedy says how to get back to what a lock says.
func remedy(key, was string) string {
	table, name, _ := strings.Cut(key, ".")
	switch {
	case table == "data" && strings.HasSuffix(name, ".labels"):
		return "restore the labels, recordings, splits and captions of this site"
	case table == "data":
		return "restore the clips of this site, with their names"
	case key == "model.sha256":
		return "import the checkpoint the lock names, or correct model.id"
	case key == "model.precision":
		return fmt.Sprintf("set precision = %q under [model]", was)
	case table == "model":
		return "put [model] of the plan back"
	case table == "program":
		return "use the version the lock names"
	case key == "seeds.plan":
		return "set seed = " + was
	case table == lockMachine:
		return "run on such a machine for the same last bits"
	}
	return "put this part of the plan back"
}

// String says what changed: "model.precision: bf16 → fp32".
func (d Drift) String() string {
	short := func(s string) string {
		return cmp.Or(pilot.ShortHash(s), "nothing")
	}
	return fmt.Sprintf("%s: %s → %s", d.Key, short(d.From), short(d.To))
}

// onlyBits says whether this moves the last bits of numbers and no more.
func (d Drift) onlyBits() bool { return strings.HasPrefix(d.Key, lockMachine+".") }
