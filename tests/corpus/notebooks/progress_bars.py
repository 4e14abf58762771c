# Bars on stderr and counts on stdout.
#
# params: n_epochs n_batches lr
# borderline params: tqdm.desc tqdm.total BAR
# metrics: loss running_loss
# borderline metrics: done

# %%
from tqdm import tqdm, trange

BAR = "{desc}: {percentage:3.0f}%|{bar:10}| {n_fmt}/{total_fmt}{postfix}"

# %%
n_epochs = 3
n_batches = 5
lr = 0.3

# %%
value = 1.0
for epoch in trange(n_epochs, desc="epochs", bar_format=BAR, mininterval=0):
    value *= 1 - lr
value

# %%
bar = tqdm(range(n_batches), desc="training", bar_format=BAR, mininterval=0)
running_loss = 0.0
for batch in bar:
    loss = 1 / (batch + 1)
    running_loss += loss
    bar.set_postfix(loss=f"{loss:.3f}")
running_loss / n_batches

# %%
with tqdm(total=10, bar_format=BAR, mininterval=0) as bar:
    done = 0
    while done < 10:
        done += 5
        bar.update(5)

# %%
for epoch in range(2):
    for batch in tqdm(range(2), desc=f"epoch {epoch}", bar_format=BAR, mininterval=0, leave=False):
        pass
    tqdm.write(f"epoch {epoch} is done")

# %%
for row in tqdm([1, 2, "three"], bar_format=BAR, mininterval=0):
    row + 1
