# A ten-armed bandit: how much to explore?
#
# params: n_arms n_steps epsilons epsilon seed
# borderline params: GreedyAgent.n_arms GreedyAgent.epsilon
# metrics: mean_reward regret total_reward best_return
# borderline metrics: best_epsilon optimal_share

# %%
import numpy as np

n_arms = 5
n_steps = 200
epsilon = 0.1
seed = 17

# %%
class GreedyAgent:
    def __init__(self, n_arms, epsilon, rng):
        self.values = np.zeros(n_arms)
        self.counts = np.zeros(n_arms, dtype=int)
        self.epsilon, self.rng = epsilon, rng

    def act(self):
        if self.rng.random() < self.epsilon:
            return int(self.rng.integers(len(self.values)))
        return int(self.values.argmax())

    def learn(self, arm, reward):
        self.counts[arm] += 1
        self.values[arm] += (reward - self.values[arm]) / self.counts[arm]

# %%
rng = np.random.default_rng(seed)
arms = rng.normal(0, 1, n_arms)
agent = GreedyAgent(n_arms, epsilon, rng)
rewards = []
total_reward = 0.0
for step in range(n_steps):
    arm = agent.act()
    reward = rng.normal(arms[arm], 1)
    agent.learn(arm, reward)
    rewards.append(reward)
    total_reward += reward
    if step % 50 == 49:
        mean_reward = np.mean(rewards[-50:])
        print(f"step {step + 1}: mean reward {mean_reward:.3f}")

# %%
regret = n_steps * arms.max() - total_reward
optimal_share = agent.counts[arms.argmax()] / n_steps
print("regret", round(regret, 2), "optimal", optimal_share)

# %%
epsilons = (0.0, 0.1, 0.5)
returns = {}
for e in epsilons:
    agent = GreedyAgent(n_arms, e, np.random.default_rng(seed))
    r = 0
    for _ in range(n_steps):
        arm = agent.act()
        gain = arms[arm]
        agent.learn(arm, gain)
        r += gain
    returns[e] = round(r, 2)
returns

# %%
best_epsilon, best_return = max(returns.items(), key=lambda item: item[1])
best_epsilon, best_return
