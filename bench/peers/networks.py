"""Ten networks at once in PyTorch: energies, forces, the loss on both and its gradient. Members are the batch of every product.
The same loss as src/ensemble/loss.ts: sum over images of (dE/N)²/tauE² + mean(dF²)/tauF². Weight matrices are [in + 1][out], the last row the bias."""
import numpy as np
import torch


class Set:
    """Images of one element and one size: scaled fingerprints, their derivatives by all coordinates, energies, forces."""

    def __init__(self, described, model, energies, forces, tolerance, dtype=torch.float64):
        low, high = np.array(model["low"]), np.array(model["high"])
        factor = 2 / (high - low)
        values = np.stack([v for v, _ in described])
        slopes = np.stack([s for _, s in described])
        self.images, self.atoms, self.size = values.shape
        scaled = factor * (values - (low + high) / 2)
        # The chain rule's factor goes into the derivatives once, so that no evaluation needs it.
        by_function = (factor * slopes).transpose(0, 1, 3, 2).reshape(self.images, self.atoms * self.size, 3 * self.atoms)
        tensor = lambda a: torch.tensor(np.ascontiguousarray(a), dtype=dtype)
        self.scaled, self.slopes = tensor(scaled.reshape(-1, self.size)), tensor(by_function)
        self.energies, self.forces = tensor(energies), tensor(forces.reshape(self.images, -1))
        self.tolerance, self.dtype = tolerance, dtype


def unpacked(models, sizes, dtype):
    """[(W [M, in, out], b [M, 1, out])] of each layer, and the offsets [M, 1]."""
    flat = torch.tensor(np.array([m["weights"] for m in models]), dtype=dtype)
    layers, at = [], 0
    for i, o in zip(sizes, sizes[1:]):
        block = flat[:, at : at + (i + 1) * o].reshape(-1, i + 1, o)
        layers += [(block[:, :i].contiguous(), block[:, i:].contiguous())]
        at += (i + 1) * o
    return layers, torch.tensor([m["offsets"] for m in models], dtype=dtype)


def packed(gradients):
    """Gradients of the layers as one array [M, weights] in the order of the models' weights."""
    return torch.cat([torch.cat([w, b], dim=1).flatten(1) for w, b in gradients], dim=1).double().numpy()


def errors(s, energy, force):
    """Loss of each member [M], and the residuals dE/N [M, I] and dF [I, M, 3N]."""
    de = (energy - s.energies) / s.atoms
    df = force - s.forces[:, None]
    loss = (de**2).sum(1) / s.tolerance["energy"] ** 2 + (df**2).mean(2).sum(0) / s.tolerance["force"] ** 2
    return loss, de, df


def forward(s, layers, offsets):
    """Energies [M, I], forces [I, M, 3N], and what the sweeps leave: outputs of the layers, tanh', d(output)/d(sum) of the hidden layers."""
    (w1, b1), (w2, b2), (w3, b3) = layers
    members = len(w1)
    x = s.scaled.expand(members, -1, -1)
    a1 = torch.baddbmm(b1, x, w1).tanh_()
    a2 = torch.baddbmm(b2, a1, w2).tanh_()
    o = torch.baddbmm(b3, a2, w3)
    s1, s2 = 1 - a1 * a1, 1 - a2 * a2
    d2 = s2 * w3.transpose(1, 2)
    e1 = torch.bmm(d2, w2.transpose(1, 2))
    d1 = s1 * e1
    g = torch.bmm(d1, w1.transpose(1, 2)).view(members, s.images, -1).transpose(0, 1)
    energy = o.view(members, s.images, s.atoms).sum(2) + s.atoms * offsets
    return energy, -torch.bmm(g, s.slopes), (x, a1, a2, s1, s2, d1, d2, e1)


def by_hand(s, layers, offsets):
    """Loss and gradient of all members by one tangent and one reverse sweep, as ours."""
    (w1, _), (w2, _), (w3, _) = layers
    members = len(w1)
    energy, force, (x, a1, a2, s1, s2, d1, d2, e1) = forward(s, layers, offsets)
    loss, de, df = errors(s, energy, force)
    c = (de * (2 / (s.atoms * s.tolerance["energy"] ** 2))).repeat_interleave(s.atoms, dim=1)[:, :, None]
    t = torch.bmm(df * (-2 / (3 * s.atoms * s.tolerance["force"] ** 2)), s.slopes.transpose(1, 2))
    t = t.transpose(0, 1).reshape(members, -1, s.size)
    p1 = torch.bmm(t, w1)
    q1 = s1 * p1
    p2 = torch.bmm(q1, w2)
    q2 = s2 * p2
    z2 = d2 * (c - 2 * a2 * p2)
    z1 = s1 * (torch.bmm(z2, w2.transpose(1, 2)) - 2 * a1 * p1 * e1)
    total = lambda z: z.sum(1, keepdim=True)
    g3 = torch.bmm(a2.transpose(1, 2), c) + total(q2).transpose(1, 2)
    g2 = torch.baddbmm(torch.bmm(a1.transpose(1, 2), z2), q1.transpose(1, 2), d2)
    g1 = torch.baddbmm(torch.bmm(x.transpose(1, 2), z1), t.transpose(1, 2), d1)
    return loss, de, df, [(g1, total(z1)), (g2, total(z2)), (g3, total(c))]


def by_autograd(s, layers, offsets):
    """The same by differentiating twice: forces by autograd, then the loss."""
    leaves = [(w.detach().requires_grad_(), b.detach().requires_grad_()) for w, b in layers]
    (w1, b1), (w2, b2), (w3, b3) = leaves
    members = len(w1)
    x = s.scaled.expand(members, -1, -1).clone().requires_grad_()
    o = torch.baddbmm(b3, torch.baddbmm(b2, torch.baddbmm(b1, x, w1).tanh(), w2).tanh(), w3)
    (g,) = torch.autograd.grad(o.sum(), x, create_graph=True)
    force = -torch.bmm(g.view(members, s.images, -1).transpose(0, 1), s.slopes)
    energy = o.view(members, s.images, s.atoms).sum(2) + s.atoms * offsets
    loss, de, df = errors(s, energy, force)
    flat = torch.autograd.grad(loss.sum(), [p for pair in leaves for p in pair])
    return loss.detach(), de.detach(), df.detach(), list(zip(flat[::2], flat[1::2]))
