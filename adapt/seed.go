package adapt

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// rng returns the generator of one random choice of the plan, named by what
// is chosen: the same for the same seed and names, whatever else the plan
// does. For example rng("shots", "draw 3").
func (p Plan) rng(names ...string) *rand.Rand {
	s := p.derived(names...)
	return rand.New(rand.NewPCG(s[0], s[1]))
}

// derived is the seed of one random choice, 128 bits.
func (p Plan) derived(names ...string) [2]uint64 {
	h := sha256.Sum256(fmt.Appendf(nil, "%d %q", p.Seed, names))
	return [2]uint64{binary.LittleEndian.Uint64(h[:8]), binary.LittleEndian.Uint64(h[8:16])}
}

// seeds lists every derived seed the plan draws with, by what it draws.
func (p Plan) seeds(places []string) map[string]string {
	out := map[string]string{"plan": strconv.FormatInt(p.Seed, 10)}
	add := func(names ...string) {
		s := p.derived(names...)
		name := names[0]
		for _, n := range names[1:] {
			name = strings.TrimSpace(name + " " + n)
		}
		out[name] = fmt.Sprintf("%016x%016x", s[0], s[1])
	}
	add("sites")
	for _, place := range places {
		add("split", place)
	}
	for _, m := range p.Methods {
		for _, shots := range m.Shots {
			for draw := 1; shots > 0 && draw <= m.Draws; draw++ {
				add("shots", strconv.Itoa(draw))
			}
		}
		if m.learner() != ZeroShot {
			add("folds")
		}
	}
	return out
}
